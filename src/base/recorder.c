#include "base/recorder.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* What two processes must agree on to share a recorder. */
struct layout {
	char magic[12];
	uint32_t version; /* of the meaning; sizes speak for themselves */
	uint32_t shards, levels, ops, counters, buckets;
};

static const struct layout our_layout = {
	.magic = "dliofs rec",
	.version = 2,
	.shards = REC_SHARDS,
	.levels = REC_LEVELS,
	.ops = REC_OPS,
	.counters = REC_COUNTERS,
	.buckets = HIST_BUCKETS,
};

/* One operation's figures on one CPU, on cache lines of its own. */
struct cell {
	alignas(64) _Atomic uint64_t errors;
	_Atomic uint64_t bytes;
	struct hist latency;
};

/* Even to read a page of a memfd that nobody has written allocates it.  So a
 * reader looks at `used` first and leaves the cells alone that never were. */
struct region {
	struct layout layout;
	_Atomic uint64_t counter[REC_COUNTERS]; /* seldom: one for all CPUs */
	_Atomic bool used[REC_LEVELS][REC_OPS][REC_SHARDS];
	alignas(4096) struct cell cell[REC_SHARDS][REC_LEVELS][REC_OPS];
};

struct recorder {
	int fd;
	struct region *region;
};

static int make_memory(void)
{
	AUTO_CLOSE int fd = -1;

	fd = memfd_create("dliofs-recorder", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return log_fail(-errno, "memory for the recorder");
	if (ftruncate(fd, sizeof(struct region)) ||
	    pwrite(fd, &our_layout, sizeof(our_layout), 0) !=
		    sizeof(our_layout) ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW))
		return log_fail(-errno, "memory for the recorder");
	return TAKE_FD(fd);
}

/* Sealed against shrinking, or a stranger could make us die of SIGBUS. */
static bool is_recorder(int fd)
{
	struct layout theirs;
	struct stat st;
	int seals = fcntl(fd, F_GET_SEALS);

	return seals >= 0 && (seals & F_SEAL_SHRINK) && fstat(fd, &st) == 0 &&
	       (size_t)st.st_size == sizeof(struct region) &&
	       pread(fd, &theirs, sizeof(theirs), 0) == sizeof(theirs) &&
	       memcmp(&theirs, &our_layout, sizeof(theirs)) == 0;
}

int recorder_new(int shm_fd, struct recorder **out)
{
	AUTO_CLOSE int fd = shm_fd < 0 ? make_memory() : shm_fd;
	AUTO_FREE struct recorder *r = calloc(1, sizeof(*r));

	if (fd < 0)
		return fd;
	if (!r)
		return log_fail(-ENOMEM, "recorder");
	if (!is_recorder(fd))
		return log_invalid("file descriptor %d is not a recorder of "
				   "this version of dliofs",
				   fd);
	if (fcntl(fd, F_SETFD, FD_CLOEXEC))
		return log_fail(-errno, "recorder");

	r->region = mmap(NULL, sizeof(*r->region), PROT_READ | PROT_WRITE,
			 MAP_SHARED, fd, 0);
	if (r->region == MAP_FAILED)
		return log_fail(-errno, "map the recorder");
	r->fd = TAKE_FD(fd);
	*out = TAKE(r);
	return 0;
}

int recorder_fd(const struct recorder *r)
{
	return r->fd;
}

void recorder_free(struct recorder *r)
{
	if (!r)
		return;
	munmap(r->region, sizeof(*r->region));
	close(r->fd);
	free(r);
}

static uint64_t get(const _Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

static void add(_Atomic uint64_t *counter, uint64_t n)
{
	atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

/* This CPU's copy.  We may be moved to another before we write to it: the
 * counters are atomic, so that costs time and not truth. */
static struct cell *cell_here(struct region *region, enum rec_level level,
			      enum rec_op op)
{
	unsigned shard = (unsigned)sched_getcpu() % REC_SHARDS;
	_Atomic bool *used = &region->used[level][op][shard];

	/* Written once, read often: the line stays shared between CPUs. */
	if (!atomic_load_explicit(used, memory_order_relaxed))
		atomic_store_explicit(used, true, memory_order_relaxed);
	return &region->cell[shard][level][op];
}

void recorder_add(struct recorder *r, enum rec_level level, enum rec_op op,
		  uint64_t duration_ns, int64_t result)
{
	struct cell *cell;

	if (!r || result == -ECANCELED)
		return;
	cell = cell_here(r->region, level, op);
	if (result > 0)
		add(&cell->bytes, (uint64_t)result);
	else if (result < 0)
		add(&cell->errors, 1);
	hist_add(&cell->latency, duration_ns);
}

/* The next cell from *shard on that was ever used; NULL: no more. */
static const struct cell *next_cell(const struct region *region,
				    enum rec_level level, enum rec_op op,
				    unsigned *shard)
{
	const _Atomic bool *used = region->used[level][op];

	while (*shard < REC_SHARDS) {
		unsigned i = (*shard)++;

		if (atomic_load_explicit(&used[i], memory_order_relaxed))
			return &region->cell[i][level][op];
	}
	return NULL;
}

void recorder_get(const struct recorder *r, enum rec_level level,
		  enum rec_op op, struct rec_figures *out)
{
	const struct cell *cell;
	unsigned shard = 0;

	memset(out, 0, sizeof(*out));
	while ((cell = next_cell(r->region, level, op, &shard))) {
		hist_merge(&out->latency, &cell->latency);
		out->errors += get(&cell->errors);
		out->bytes += get(&cell->bytes);
	}
	out->count = hist_count(&out->latency);
}

void recorder_put(struct recorder *r, enum rec_level level, enum rec_op op,
		  const struct rec_figures *figures)
{
	struct cell *cell = cell_here(r->region, level, op);

	add(&cell->bytes, figures->bytes);
	add(&cell->errors, figures->errors);
	hist_merge(&cell->latency, &figures->latency);
}

uint64_t recorder_bytes(const struct recorder *r, enum rec_level level,
			enum rec_op op)
{
	const struct cell *cell;
	unsigned shard = 0;
	uint64_t bytes = 0;

	while ((cell = next_cell(r->region, level, op, &shard)))
		bytes += get(&cell->bytes);
	return bytes;
}

void recorder_count(struct recorder *r, enum rec_counter counter, int64_t n)
{
	if (r)
		add(&r->region->counter[counter], (uint64_t)n);
}

void recorder_lowest(struct recorder *r, enum rec_counter counter,
		     uint64_t value)
{
	_Atomic uint64_t *lowest;
	uint64_t old;

	if (!r)
		return;
	lowest = &r->region->counter[counter];
	old = get(lowest);
	while ((old == 0 || value < old) &&
	       !atomic_compare_exchange_weak(lowest, &old, value))
		;
}

uint64_t recorder_counter(const struct recorder *r, enum rec_counter counter)
{
	return get(&r->region->counter[counter]);
}

const char *recorder_level_name(enum rec_level level)
{
	static const char *const names[] = {
		[REC_APP] = "app",
		[REC_FUSE] = "fuse",
		[REC_STORE] = "store",
		[REC_REQUEST] = "request",
	};

	return names[level];
}

const char *recorder_op_name(enum rec_op op)
{
	static const char *const names[] = {
		[REC_OPEN] = "open",
		[REC_READ] = "read",
		[REC_FIRST_BYTE] = "first_byte",
		[REC_CLOSE] = "close",
		[REC_STAT] = "stat",
		[REC_LIST] = "list",
		[REC_CREATE] = "create",
		[REC_WRITE] = "write",
		[REC_COMMIT] = "commit",
		[REC_RENAME] = "rename",
		[REC_REMOVE] = "remove",
		[REC_OTHER] = "other",
		[REC_BARRIER] = "barrier",
	};

	return names[op];
}

const char *recorder_counter_name(enum rec_counter counter)
{
	static const char *const names[] = {
		[REC_RETRIES] = "retries",
		[REC_THROTTLED] = "throttled",
		[REC_REFRESHED] = "refreshed_credentials",
		[REC_LIMIT] = "request_limit",
		[REC_LIMIT_LOWEST] = "request_limit_lowest",
	};

	return names[counter];
}
