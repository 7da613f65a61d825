#include "app/ranks.h"

#include "app/cli.h"
#include "app/ranks_wire.h"
#include "app/stop.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/rng.h"

#if DLIOFS_MPI
#include "app/ranks_mpi.h"
#endif

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <string.h>
#include <sys/stat.h>

/* Others that are about to come, come soon; asking costs a microsecond. */
#define SPIN_NS (NS_PER_SEC / 5000)
#define NAP_NS (NS_PER_SEC / 20000)

/* How long a rank that gives up waits for the others to learn of it. */
#define GRACE_NS (2 * NS_PER_SEC)

/* ---- Waiting ------------------------------------------------------------- */

static void rest(uint64_t waited_ns)
{
	if (waited_ns < SPIN_NS)
		sched_yield();
	else
		clock_sleep_until(clock_ns() + NAP_NS);
}

/* Until the operation begun is done, which a failing or interrupted rank waits
 * for no longer than GRACE_NS. */
static int finish(struct ranks *r, bool failing)
{
	uint64_t from_ns = clock_ns(), now_ns = from_ns;
	uint64_t give_up_ns = failing ? from_ns + GRACE_NS : 0;

	while (!r->wire->ops->test(r->wire)) {
		rest(now_ns - from_ns);
		now_ns = clock_ns();
		if (!give_up_ns && *stop_flag())
			give_up_ns = now_ns + GRACE_NS;
		if (give_up_ns && now_ns > give_up_ns) {
			r->lost = true;
			r->failure = r->failure ? r->failure : -EINTR;
			return -EINTR;
		}
	}
	return 0;
}

int ranks_agree(struct ranks *r, int rc)
{
	if (!r->wire)
		return rc;
	if (rc == -EINTR && r->alarmed)
		rc = -ECANCELED;
	if (rc && rc != -ECANCELED && !r->failure)
		r->wire->ops->alarm(r->wire);
	if (!r->failure) {
		/* Less than the error that it comes from. */
		r->verdict = rc == -ECANCELED ? 1 : abs(rc);
		r->wire->ops->max(r->wire, &r->verdict);
		r->failure = rc;
		if (!finish(r, rc) && r->verdict)
			r->failure = -r->verdict;
	}
	if (rc)
		return rc;
	return r->failure ? -ECANCELED : 0;
}

void ranks_poll(struct ranks *r)
{
	if (!r->wire || r->alarmed || !r->wire->ops->alarmed(r->wire))
		return;
	r->alarmed = true;
	stop_ask();
}

int ranks_in_turn(struct ranks *r, int (*fn)(void *arg), void *arg)
{
	int rc = ranks_agree(r, r->rank ? 0 : fn(arg));

	return !rc && r->rank ? fn(arg) : rc;
}

void ranks_settle(struct ranks *r)
{
	if (!r->wire || r->lost)
		return;
	r->wire->ops->max(r->wire, &r->verdict);
	(void)!finish(r, r->failure);
}

/* All ranks are here and well: what is begun now will be done. */
static int meet(struct ranks *r)
{
	return ranks_agree(r, 0);
}

/* ---- Data ---------------------------------------------------------------- */

int ranks_sum(void *ranks, double *values, size_t n)
{
	struct ranks *r = ranks;
	int rc = meet(r);

	if (rc || !r->wire)
		return rc;
	if (n > INT_MAX)
		return -EOVERFLOW;
	r->wire->ops->sum(r->wire, values, n);
	return finish(r, false);
}

static int tell(struct ranks *r, void *data, size_t len, bool host)
{
	int rc = meet(r);

	if (rc || !r->wire)
		return rc;
	r->wire->ops->tell(r->wire, data, len, host);
	return finish(r, false);
}

int ranks_tell(struct ranks *r, void *data, size_t len)
{
	return tell(r, data, len, false);
}

int ranks_tell_host(struct ranks *r, void *data, size_t len)
{
	return tell(r, data, len, true);
}

static int exchange(struct ranks *r, const void *mine, size_t len, void *all)
{
	int rc = meet(r);

	if (rc)
		return rc;
	r->wire->ops->exchange(r->wire, mine, len, all);
	return finish(r, false);
}

/* Where each rank's bytes go; the result is how many there are. */
static int64_t lay_out(const uint64_t *lengths, unsigned n, int *sizes,
		       int *places)
{
	uint64_t at = 0;

	for (unsigned i = 0; i < n; i++) {
		if (lengths[i] > INT_MAX || at + lengths[i] > INT_MAX)
			return -EOVERFLOW;
		sizes[i] = (int)lengths[i];
		places[i] = (int)at;
		at += lengths[i];
	}
	return (int64_t)at;
}

static int hand_out(const struct ranks *r, const char *all, const int *sizes,
		    const int *places, ranks_take_fn fn, void *arg)
{
	int rc = 0;

	for (unsigned i = 0; i < r->size && !rc; i++)
		rc = fn(arg, i, all + places[i], (size_t)sizes[i]);
	return rc;
}

int ranks_gather(struct ranks *r, const void *data, size_t len,
		 ranks_take_fn fn, void *arg)
{
	AUTO_FREE uint64_t *lengths = calloc(r->size, sizeof(*lengths));
	AUTO_FREE int *sizes = calloc(r->size, sizeof(*sizes));
	AUTO_FREE int *places = calloc(r->size, sizeof(*places));
	AUTO_FREE char *all = NULL;
	uint64_t mine = len;
	int64_t total;
	int rc;

	if (!r->wire)
		return fn(arg, 0, data, len);
	rc = ranks_agree(r, lengths && sizes && places ? 0 : -ENOMEM);
	if (!rc)
		rc = exchange(r, &mine, sizeof(mine), lengths);
	if (rc || !lengths || !sizes || !places)
		return rc;
	total = lay_out(lengths, r->size, sizes, places);
	if (total < 0)
		return (int)total;
	if (r->rank == 0)
		all = malloc((size_t)total + 1);
	rc = ranks_agree(r, r->rank || all ? 0 : -ENOMEM);
	if (rc)
		return rc;
	r->wire->ops->gather(r->wire, data, len, all, sizes, places);
	rc = finish(r, false);
	return rc || r->rank ? rc : hand_out(r, all, sizes, places, fn, arg);
}

/* ---- Hosts --------------------------------------------------------------- */

static uint64_t mix_text(uint64_t key, const char *text)
{
	for (; *text; text++)
		key = rng_mix(key, (unsigned char)*text);
	return key;
}

static uint64_t mix_inode(uint64_t key, const char *path)
{
	struct stat st;

	return stat(path, &st) ? key : rng_mix(key, st.st_ino);
}

/* Names alone will not do: a cluster's images may all be called localhost. */
static uint64_t host_key(const char *name)
{
	AUTO_FCLOSE FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");
	char boot[64] = "";
	uint64_t key;

	if (f && !fgets(boot, sizeof(boot), f))
		boot[0] = '\0';
	key = mix_text(mix_text(1, name), boot);
	key = mix_inode(key, "/proc/self/ns/mnt");
	return mix_inode(key, "/proc/self/ns/net");
}

static unsigned first_of(const uint64_t *host, unsigned rank)
{
	unsigned i = 0;

	while (host[i] != host[rank])
		i++;
	return i;
}

void ranks_place(struct ranks *r, const uint64_t *host)
{
	unsigned first = first_of(host, r->rank);

	r->nodes = r->node = r->node_rank = r->node_size = 0;
	for (unsigned i = 0; i < r->size; i++) {
		if (first_of(host, i) == i) {
			r->nodes++;
			r->node += i < first;
		}
		if (host[i] == host[r->rank]) {
			r->node_size++;
			r->node_rank += i < r->rank;
		}
	}
}

static int find_place(struct ranks *r)
{
	AUTO_FREE uint64_t *keys = calloc(r->size, sizeof(*keys));
	uint64_t mine = host_key(r->host);
	int rc = ranks_agree(r, keys ? 0 : -ENOMEM);

	if (!rc)
		rc = exchange(r, &mine, sizeof(mine), keys);
	if (rc || !keys)
		return rc;
	ranks_place(r, keys);
	r->wire->ops->set_host(r->wire, r->node);
	return 0;
}

/* ---- Begin and end ------------------------------------------------------- */

static void speak_as_rank(const struct ranks *r)
{
	char prefix[64];

	snprintf(prefix, sizeof(prefix), "rank %u on %.40s: ", r->rank,
		 r->host);
	log_set_prefix(prefix);
	if (r->rank)
		log_set_level(LOG_LEVEL_ERROR);
}

int ranks_open_by(struct ranks_wire *wire, struct ranks **out)
{
	struct ranks *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	*r = (struct ranks){ .wire = wire,
			     .rank = wire ? wire->rank : 0,
			     .size = wire ? wire->size : 1,
			     .nodes = 1,
			     .node_size = 1 };
	gethostname(r->host, sizeof(r->host) - 1);
	*out = r;
	return wire ? find_place(r) : 0;
}

unsigned long ranks_started(void)
{
	static const char *const sizes[] = { "OMPI_COMM_WORLD_SIZE", "PMI_SIZE",
					     "SLURM_STEP_NUM_TASKS" };

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		const char *size = getenv(sizes[i]);

		if (size && strtoul(size, NULL, 10) > 1)
			return strtoul(size, NULL, 10);
	}
	return 1;
}

#if DLIOFS_MPI
/* Another MPI's mpirun starts processes that know nothing of each other. */
static int open_mpi(unsigned long size, struct ranks_wire **out)
{
	int rc = ranks_mpi_open(out);
	unsigned found;

	if (rc || (*out)->size == size)
		return rc;
	found = (*out)->size;
	(*out)->ops->close(*out);
	*out = NULL;
	return log_invalid("started as one of %lu processes, but Open MPI "
			   "knows of %u; start with Open MPI's mpirun",
			   size, found);
}
#endif

static int open_wire(struct ranks_wire **out)
{
	unsigned long size = ranks_started();

	*out = NULL;
	if (size <= 1)
		return 0;
#if DLIOFS_MPI
	return open_mpi(size, out);
#else
	return log_invalid("started as one of %lu processes, but built without "
			   "MPI; build again where Open MPI is installed "
			   "(libopenmpi-dev)",
			   size);
#endif
}

int ranks_open(struct ranks **out)
{
	struct ranks_wire *wire;
	int rc;

	*out = NULL;
	rc = open_wire(&wire);
	if (!rc)
		rc = ranks_open_by(wire, out);
	if (!rc && wire)
		speak_as_rank(*out);
	return rc;
}

int ranks_close(struct ranks *r, int rc)
{
	if (!r)
		return rc;
	rc = ranks_agree(r, rc);
	if (rc == -ECANCELED)
		rc = r->failure;
	if (r->wire && r->lost)
		r->wire->ops->abort(r->wire, CLI_FAILED);
	else if (r->wire)
		r->wire->ops->close(r->wire);
	free(r);
	return rc;
}
