/* Many threads read through one cache with little memory, in order and at
 * random, wait and do not, give up, close and open again, announce what they
 * may or may not read, while the store is late, fails, and says that objects
 * have changed: whoever gets bytes gets the right ones, whoever asks is told
 * once, and nothing is left at the end. */
#include "base/rng.h"
#include "lib/cached.h"

#include <errno.h>
#include <semaphore.h>
#include <string.h>

enum { READERS = 6, ROUNDS = 25, READS = 40, OBJECTS = 4, AT_ONCE = 8 };

static const uint64_t sizes[OBJECTS] = { 1, 143360, 3 * MIB + 17, 12 * MIB };

struct ask {
	struct cache_read read;
	unsigned seed;
	_Atomic unsigned *wrong;
	_Atomic unsigned told;
	sem_t *done;
};

struct shared {
	struct cached cached;
	bool failing;
	_Atomic unsigned wrong, good, bad, cancelled;
};

struct thread {
	struct shared *shared;
	uint64_t seed;
};

static bool expected(ssize_t result)
{
	return result == -EIO || result == -ESTALE || result == -ECANCELED;
}

static void told(struct cache_read *rd, ssize_t result, const struct iovec *iov,
		 int n)
{
	struct ask *a = CONTAINER_OF(rd, struct ask, read);
	uint64_t at = rd->offset;

	for (int i = 0; i < n; i++) {
		if (!cached_bytes_are(iov[i].iov_base, a->seed, at,
				      iov[i].iov_len))
			++*a->wrong;
		at += iov[i].iov_len;
	}
	if (result < 0 ? !expected(result) : at != rd->offset + (size_t)result)
		++*a->wrong;
	a->told = result < 0 ? (unsigned)-result : 1;
	sem_post(a->done);
}

/* Several reads at once, some of which are given up. */
static void ask_some(struct shared *s, struct cache_reader *r, unsigned object,
		     struct rng *g, uint64_t *next)
{
	struct ask asks[AT_ONCE];
	unsigned n = 1 + (unsigned)(rng_u64(g) % AT_ONCE);
	sem_t done;

	sem_init(&done, 0, 0);
	for (unsigned i = 0; i < n; i++) {
		uint64_t at = rng_u64(g) % 2 ? *next : rng_u64(g);
		size_t len = 1 + rng_u64(g) % (rng_u64(g) % 2 ? 4096 : MIB);

		asks[i] = (struct ask){ .seed = object,
					.wrong = &s->wrong,
					.done = &done };
		asks[i].read = (struct cache_read){
			.offset = at % sizes[object], .len = len, .done = told
		};
		*next = asks[i].read.offset + len;
		cache_read(r, &asks[i].read);
	}
	for (unsigned i = 0; i < n; i++)
		if (rng_u64(g) % 8 == 0)
			cache_cancel(r, &asks[i].read);
	for (unsigned i = 0; i < n; i++)
		while (sem_wait(&done) < 0)
			;
	for (unsigned i = 0; i < n; i++) {
		s->good += asks[i].told == 1;
		s->cancelled += asks[i].told == ECANCELED;
		s->bad += asks[i].told > 1 && asks[i].told != ECANCELED;
	}
	sem_destroy(&done);
}

static void name_object(char name[3], unsigned object)
{
	snprintf(name, 3, "o%u", object % 10);
}

/* All of an object, or a part. */
static void announce(struct shared *s, struct rng *g)
{
	unsigned object = (unsigned)(rng_u64(g) % OBJECTS);
	uint64_t at = rng_u64(g) % 2 ? rng_u64(g) % sizes[object] : 0;
	char name[3];

	name_object(name, object);
	if (cache_hint(s->cached.cache, s->cached.store, name, sizes[object],
		       at, at ? 4096 : 0) < 0)
		s->wrong++;
}

static void *read_on(void *arg)
{
	struct thread *t = arg;
	struct shared *s = t->shared;
	struct rng g;

	rng_seed(&g, t->seed);
	for (int round = 0; round < ROUNDS; round++) {
		unsigned object = (unsigned)(rng_u64(&g) % OBJECTS);
		struct cache_reader *r;
		char name[3];
		uint64_t next = 0;

		name_object(name, object);
		for (int i = (int)(rng_u64(&g) % 4); i-- > 0;)
			announce(s, &g);
		r = cached_reader(&s->cached, name, sizes[object],
				  rng_u64(&g) % 2 ? CACHE_FRESH : 0);
		for (int i = (int)(rng_u64(&g) % (READS / 4)); i-- > 0;)
			ask_some(s, r, object, &g, &next);
		cache_close(r);
	}
	return NULL;
}

static int run(bool failing)
{
	static struct shared s;
	struct cached_options o = { .memory = CACHE_LEAST, .threads = 4 };
	struct thread threads[READERS];
	pthread_t ids[READERS];
	bool quiet;

	memset(&s, 0, sizeof(s));
	o.plan.rule[FAULT_READ] =
		(struct fault_rule){ .shape = FAULT_EXPONENTIAL,
				     .a_ns = 200000 };
	if (failing) {
		o.plan.rule[FAULT_READ].error = -EIO;
		o.plan.rule[FAULT_READ].error_every = 5;
		o.plan.rule[FAULT_OPEN].error = -ESTALE;
		o.plan.rule[FAULT_OPEN].error_every = 7;
	}
	if (cached_open(&s.cached, &o) < 0)
		return 1;
	for (unsigned i = 0; i < OBJECTS; i++) {
		char name[] = { 'o', (char)('0' + i), '\0' };

		if (cached_add(&s.cached, name, sizes[i], i) < 0)
			return 1;
	}
	for (unsigned i = 0; i < READERS; i++) {
		threads[i] = (struct thread){ &s, i };
		pthread_create(&ids[i], NULL, read_on, &threads[i]);
	}
	for (unsigned i = 0; i < READERS; i++)
		pthread_join(ids[i], NULL);
	cache_stop(s.cached.cache); /* forgets what is announced */
	quiet = cached_close(&s.cached);
	if (s.wrong == 0 && quiet && s.good > 0 && (s.bad > 0) == failing)
		return 0;
	fprintf(stderr, "%s: %u wrong, %u good, %u bad, %u cancelled%s\n",
		failing ? "failing" : "slow", s.wrong, s.good, s.bad,
		s.cancelled, quiet ? "" : ", and something is left");
	return 1;
}

int main(void)
{
	return run(false) | run(true);
}
