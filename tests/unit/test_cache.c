#include "backends/backend.h"
#include "base/clock.h"
#include "base/rng.h"
#include "lib/await.h"
#include "lib/cached.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <semaphore.h>
#include <string.h>

#define MS ((uint64_t)1000000)

static struct fault_plan slow(enum fault_op op, uint64_t ns, int error)
{
	struct fault_plan plan = { 0 };

	plan.rule[op] = (struct fault_rule){
		.shape = ns ? FAULT_FIXED : FAULT_NONE,
		.a_ns = ns,
		.error = error,
	};
	return plan;
}

static void open_with(struct cached *c, uint64_t memory, struct fault_plan plan)
{
	const struct cached_options o = { .memory = memory, .plan = plan };

	cr_assert_eq(cached_open(c, &o), 0);
}

static void read_all(struct cache_reader *r, unsigned seed, uint64_t size,
		     size_t step)
{
	AUTO_FREE char *buf = malloc(step);

	for (uint64_t at = 0; at < size; at += step) {
		ssize_t got = cached_read(r, buf, step, at);

		cr_assert_eq(got, (ssize_t)MIN(step, size - at), "at %lu: %zd",
			     at, got);
		cr_assert(cached_bytes_are(buf, seed, at, (size_t)got));
	}
	cr_assert_eq(cached_read(r, buf, step, size), 0);
}

/* ---- Bytes -------------------------------------------------------------- */

/* Random reads of random objects through caches of every kind are the bytes of
 * the objects. */
Test(cache, every_read_has_the_bytes_of_its_object)
{
	static const struct {
		uint64_t size, memory;
		unsigned threads;
		size_t most;
		unsigned sequential; /* of ten reads */
	} cases[] = {
		{ 1, CACHE_LEAST, 1, 16, 0 },
		{ 143360, CACHE_LEAST, 4, 131072, 5 },
		{ 5 * MIB + 1, CACHE_LEAST, 1, MIB, 5 },
		{ 5 * MIB + 1, CACHE_LEAST, 8, MIB, 9 },
		{ 20 * MIB + 4095, CACHE_LEAST, 4, MIB, 0 },
		{ 20 * MIB + 4095, 64 * MIB, 4, 300000, 0 },
		{ 20 * MIB + 4095, 64 * MIB, 4, 4096, 8 },
		{ 20 * MIB + 4095, 256 * MIB, 16, MIB, 8 },
		{ 33 * MIB, 16 * MIB, 3, 131072, 9 },
	};
	char *buf = malloc(MIB);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct cached_options o = {
			.memory = cases[i].memory,
			.threads = cases[i].threads,
			.plan = slow(FAULT_READ, MS / 20, 0),
		};
		struct cache_reader *r[3];
		uint64_t next = 0;
		struct cached c;
		struct rng g;

		rng_seed(&g, i);
		cr_assert_eq(cached_open(&c, &o), 0);
		cr_assert_eq(cached_add(&c, "o", cases[i].size, 1), 0);
		for (size_t k = 0; k < ARRAY_SIZE(r); k++)
			r[k] = cached_reader(&c, "o", cases[i].size, 0);
		for (int n = 0; n < 400; n++) {
			size_t len = 1 + rng_u64(&g) % cases[i].most;
			uint64_t at = rng_u64(&g) % cases[i].size;
			ssize_t got, want;

			if (rng_u64(&g) % 10 < cases[i].sequential)
				at = next % cases[i].size;
			next = at + len;
			want = (ssize_t)MIN(len, cases[i].size - at);
			got = cached_read(r[rng_u64(&g) % 3], buf, len, at);
			cr_assert_eq(got, want, "row %zu: %zd", i, got);
			cr_assert(cached_bytes_are(buf, 1, at, (size_t)got),
				  "row %zu", i);
		}
		for (size_t k = 0; k < ARRAY_SIZE(r); k++)
			cache_close(r[k]);
		cr_expect(cached_close(&c), "row %zu", i);
	}
	free(buf);
}

Test(cache, an_object_is_read_from_end_to_end_in_steps_of_any_size)
{
	static const size_t steps[] = { 4096, 5000, 131072, 300001, MIB };
	struct cached c;

	open_with(&c, 32 * MIB, (struct fault_plan){ 0 });
	cr_assert_eq(cached_add(&c, "o", 20000001, 3), 0);
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		struct cache_reader *r =
			cached_reader(&c, "o", 20000001, CACHE_FRESH);

		read_all(r, 3, 20000001, steps[i]);
		cache_close(r);
	}
	cr_expect(cached_close(&c));
}

Test(cache, beyond_the_end_there_is_nothing)
{
	struct cache_reader *r;
	struct cached c;
	char byte;

	open_with(&c, CACHE_LEAST, (struct fault_plan){ 0 });
	cr_assert_eq(cached_add(&c, "o", 10, 1), 0);
	cr_assert_eq(cached_add(&c, "empty", 0, 1), 0);
	r = cached_reader(&c, "o", 10, 0);
	cr_expect_eq(cached_read(r, &byte, 1, 10), 0);
	cr_expect_eq(cached_read(r, &byte, 1, UINT64_MAX - 5), 0);
	cr_expect_eq(cached_read(r, &byte, 0, 3), 0);
	cr_expect_eq(cached_read(r, &byte, CACHE_READ + 1, 0), -EINVAL);
	cache_close(r);
	r = cached_reader(&c, "empty", 0, 0);
	cr_expect_eq(cached_read(r, &byte, 1, 0), 0);
	cache_close(r);
	cr_expect(cached_close(&c));
}

/* ---- How much is fetched ------------------------------------------------ */

Test(cache, a_small_object_is_fetched_when_it_is_opened_and_once)
{
	struct cache_reader *r;
	struct cached c;

	open_with(&c, 64 * MIB, (struct fault_plan){ 0 });
	cr_assert_eq(cached_add(&c, "o", 143360, 1), 0);
	r = cached_reader(&c, "o", 143360, CACHE_FRESH);
	cached_drain(&c);
	cr_expect_eq(cached_stats(&c).fetches, 1u);
	cr_expect_eq(cached_stats(&c).fetched, 143360u);
	read_all(r, 1, 143360, 131072);
	cr_expect_eq(cached_stats(&c).fetches, 1u);
	cr_expect_eq(cached_stats(&c).reads, cached_stats(&c).at_hand);
	cr_expect_eq(cached_stats(&c).blocks, 0u, "read, so dropped");
	cache_close(r);
	cr_expect(cached_close(&c));
}

Test(cache, what_the_kernel_may_have_is_not_fetched_when_it_is_opened)
{
	static const struct {
		unsigned flags; /* of the second open */
		unsigned fetches;
	} cases[] = { { 0, 1 }, { CACHE_FRESH, 2 } };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct cache_reader *r;
		struct cached c;

		open_with(&c, 64 * MIB, (struct fault_plan){ 0 });
		cr_assert_eq(cached_add(&c, "o", 143360, 1), 0);
		r = cached_reader(&c, "o", 143360, 0);
		read_all(r, 1, 143360, 131072);
		cache_close(r);
		r = cached_reader(&c, "o", 143360, cases[i].flags);
		cached_drain(&c);
		cr_expect_eq(cached_stats(&c).fetches, cases[i].fetches);
		read_all(r, 1, 143360, 131072);
		cr_expect_eq(cached_stats(&c).fetches, 2u, "nor lost");
		cache_close(r);
		cr_expect(cached_close(&c));
	}
}

/* On a busy machine whatever should not wait may be late, though not every
 * time: of that each test below has a function that says how it went. */

static bool opens_at_once(void)
{
	struct cache_reader *r;
	struct fault_plan plan = slow(FAULT_OPEN, 1000 * MS, 0);
	struct cached c;
	uint64_t began, took;
	char byte;

	open_with(&c, 64 * MIB, plan);
	cr_assert_eq(cached_add(&c, "o", 9, 1), 0);
	began = clock_ns();
	r = cached_reader(&c, "o", 9, 0);
	took = clock_ns() - began;
	cr_expect_eq(cached_read(r, &byte, 1, 0), 1);
	cr_expect_geq(clock_ns() - began, 1000 * MS);
	cache_close(r);
	cr_expect(cached_close(&c));
	return took < 900 * MS;
}

Test(cache, opening_does_not_wait)
{
	cr_expect(AWAIT(opens_at_once()));
}

Test(cache, random_reads_fetch_what_they_ask_for)
{
	const uint64_t size = 128 * MIB;
	char *buf = malloc(128 * KIB);
	struct cache_reader *r;
	struct cached c;
	uint64_t before = 0;

	open_with(&c, 256 * MIB, (struct fault_plan){ 0 });
	cr_assert_eq(cached_add(&c, "o", size, 1), 0);
	r = cached_reader(&c, "o", size, CACHE_FRESH);
	for (uint64_t i = 0; i < 50; i++) {
		uint64_t at = (i * 37 % 61) * 2 * MIB + 256 * KIB;

		if (i == 4) {
			cached_drain(&c);
			before = cached_stats(&c).fetched;
		}
		cr_assert_eq(cached_read(r, buf, 128 * KIB, at),
			     (ssize_t)(128 * KIB));
		cr_assert(cached_bytes_are(buf, 1, at, 128 * KIB));
	}
	cached_drain(&c);
	cr_expect_eq(cached_stats(&c).fetched - before, 46 * 128 * KIB);
	cache_close(r);
	cr_expect(cached_close(&c));
	free(buf);
}

Test(cache, sequential_readers_fetch_each_byte_once_in_few_requests)
{
	const uint64_t size = 64 * MIB + 5;
	struct cache_reader *r;
	struct cached c;

	open_with(&c, 64 * MIB, slow(FAULT_READ, MS, 0));
	cr_assert_eq(cached_add(&c, "o", size, 1), 0);
	r = cached_reader(&c, "o", size, CACHE_FRESH);
	read_all(r, 1, size, 131072);
	cache_close(r);
	cached_drain(&c);
	cr_expect_eq(cached_stats(&c).fetched, size);
	cr_expect_leq(cached_stats(&c).fetches, 66u);
	cr_expect(cached_close(&c));
}

/* With one request at a time it would take 64 times the delay. */
static bool windows_hide_delays(void)
{
	const struct cached_options o = { .memory = 256 * MIB,
					  .threads = 16,
					  .plan = slow(FAULT_READ, 100 * MS,
						       0) };
	const uint64_t size = 64 * MIB;
	struct cache_reader *r;
	char *buf = malloc(MIB);
	struct cached c;
	uint64_t began, took;

	cr_assert_eq(cached_open(&c, &o), 0);
	cr_assert_eq(cached_add(&c, "o", size, 1), 0);
	r = cached_reader(&c, "o", size, CACHE_FRESH);
	began = clock_ns();
	for (uint64_t at = 0; at < size; at += MIB)
		cr_assert_eq(cached_read(r, buf, MIB, at), (ssize_t)MIB);
	took = clock_ns() - began;
	cache_close(r);
	cr_expect(cached_close(&c));
	free(buf);
	return took < 64 * 100 * MS * 3 / 4;
}

Test(cache, windows_hide_the_time_of_requests)
{
	cr_expect(AWAIT(windows_hide_delays()));
}

/* ---- Sharing ------------------------------------------------------------ */

Test(cache, readers_of_one_object_share_its_blocks)
{
	struct cache_reader *one, *two;
	struct cached c;

	open_with(&c, 64 * MIB, (struct fault_plan){ 0 });
	cr_assert_eq(cached_add(&c, "o", 5 * MIB, 1), 0);
	one = cached_reader(&c, "o", 5 * MIB, CACHE_FRESH);
	two = cached_reader(&c, "o", 5 * MIB, CACHE_FRESH);
	read_all(one, 1, 5 * MIB, MIB);
	read_all(two, 1, 5 * MIB, MIB);
	cr_expect_eq(cached_stats(&c).fetches, 1u);
	cache_close(one);
	cache_close(two);
	cr_expect_eq(cached_stats(&c).blocks, 0u);
	cr_expect(cached_close(&c));
}

Test(cache, what_was_fetched_before_serves_a_later_open_unless_it_is_fresh)
{
	static const struct {
		unsigned flags;
		unsigned fetches;
	} cases[] = { { 0, 1 }, { CACHE_FRESH, 2 } };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct cached c;
		char byte;

		open_with(&c, 64 * MIB, (struct fault_plan){ 0 });
		cr_assert_eq(cached_add(&c, "o", 5 * MIB, 1), 0);
		for (int n = 0; n < 2; n++) {
			struct cache_reader *r =
				cached_reader(&c, "o", 5 * MIB, cases[i].flags);

			cr_expect_eq(cached_read(r, &byte, 1, 4 * MIB), 1);
			cache_close(r);
		}
		cr_expect_eq(cached_stats(&c).fetches, cases[i].fetches);
		cr_expect(cached_close(&c));
	}
}

Test(cache, what_nobody_reads_on_is_not_kept_for_fresh_readers)
{
	struct cache_reader *r;
	struct cached c;
	char byte;

	open_with(&c, 64 * MIB, slow(FAULT_READ, MS, 0));
	cr_assert_eq(cached_add(&c, "o", 32 * MIB, 1), 0);
	for (int i = 0; i < 3; i++) {
		r = cached_reader(&c, "o", 32 * MIB, CACHE_FRESH);
		cr_expect_eq(cached_read(r, &byte, 1, (uint64_t)i * 9 * MIB),
			     1);
		cache_close(r);
	}
	cached_drain(&c);
	cr_expect_eq(cached_stats(&c).used, 0u);
	cr_expect_eq(cached_stats(&c).files, 0u);
	cr_expect(cached_close(&c));
}

/* ---- Memory ------------------------------------------------------------- */

Test(cache, more_readers_than_memory_are_all_served)
{
	enum { READERS = 24 };
	struct cache_reader *r[READERS];
	char name[8], *buf = malloc(MIB);
	struct cached c;

	open_with(&c, CACHE_LEAST, slow(FAULT_READ, MS / 10, 0));
	for (unsigned i = 0; i < READERS; i++) {
		snprintf(name, sizeof(name), "o%u", i);
		cr_assert_eq(cached_add(&c, name, 3 * MIB + i, i), 0);
		r[i] = cached_reader(&c, name, 3 * MIB + i, CACHE_FRESH);
	}
	for (uint64_t at = 0; at < 3 * MIB; at += 700000)
		for (unsigned i = 0; i < READERS; i++) {
			ssize_t got = cached_read(r[i], buf, 700000, at);

			cr_assert_eq(got,
				     (ssize_t)MIN(700000, 3 * MIB + i - at));
			cr_assert(cached_bytes_are(buf, i, at, (size_t)got));
			cr_assert_leq(cached_stats(&c).used, CACHE_LEAST);
		}
	for (unsigned i = 0; i < READERS; i++)
		cache_close(r[i]);
	cr_expect(cached_close(&c));
	free(buf);
}

/* ---- Errors ------------------------------------------------------------- */

Test(cache, errors_reach_the_reader_and_are_not_remembered)
{
	struct fault_plan plan = { 0 };
	struct cache_reader *r;
	struct cached c;
	char byte;

	/* The first is of what is fetched at the open, or asked for by the
	 * reader if he is quicker; so at most the second is his. */
	plan.rule[FAULT_READ] =
		(struct fault_rule){ .error = -EIO, .error_limit = 2 };
	open_with(&c, 64 * MIB, plan);
	cr_assert_eq(cached_add(&c, "o", 100, 1), 0);
	r = cached_reader(&c, "o", 100, 0);
	cached_drain(&c);
	cr_expect_eq(cached_read(r, &byte, 1, 0), -EIO);
	cr_expect_eq(cached_read(r, &byte, 1, 0), 1);
	cache_close(r);
	cr_expect(cached_close(&c));
}

Test(cache, an_object_that_is_not_there_fails_when_it_is_read)
{
	struct cache_reader *r;
	struct cached c;
	char byte;

	open_with(&c, 64 * MIB, (struct fault_plan){ 0 });
	r = cached_reader(&c, "none", 100, 0);
	cr_expect_eq(cached_read(r, &byte, 1, 0), -ENOENT);
	cache_close(r);
	cr_assert_eq(cached_add(&c, "o", 100, 1), 0);
	r = cached_reader(&c, "o", 101, 0);
	cr_expect_eq(cached_read(r, &byte, 1, 0), -ESTALE, "another size");
	cache_close(r);
	cr_expect(cached_close(&c));
}

Test(cache, a_changed_object_is_stale_for_those_who_have_it_open)
{
	struct fault_plan plan = { 0 };
	struct cache_reader *r;
	struct cached c;
	char byte;

	plan.rule[FAULT_READ] = (struct fault_rule){ .error = -ESTALE,
						     .error_every = 3,
						     .error_limit = 1 };
	open_with(&c, 64 * MIB, plan);
	cr_assert_eq(cached_add(&c, "o", 32 * MIB, 1), 0);
	r = cached_reader(&c, "o", 32 * MIB, 0);
	for (uint64_t at = 0; at < 32 * MIB; at += 8 * MIB)
		if (cached_read(r, &byte, 1, at) == -ESTALE)
			break;
	cached_drain(&c);
	cr_expect_eq(cached_read(r, &byte, 1, 0), -ESTALE,
		     "what was read before is of another object");
	cr_expect_eq(cached_stats(&c).used, 0u);
	cache_close(r);
	r = cached_reader(&c, "o", 32 * MIB, 0);
	cr_expect_eq(cached_read(r, &byte, 1, 0), 1);
	cache_close(r);
	cr_expect(cached_close(&c));
}

/* ---- Giving up ---------------------------------------------------------- */

struct given_up {
	struct cache_read read;
	ssize_t result;
	sem_t done;
};

static void note(struct cache_read *rd, ssize_t result, const struct iovec *iov,
		 int n)
{
	struct given_up *g = CONTAINER_OF(rd, struct given_up, read);

	(void)iov;
	(void)n;
	g->result = result;
	sem_post(&g->done);
}

static bool is_given_up_at_once(void)
{
	struct given_up g = { .read = { .len = 10, .done = note } };
	struct cache_reader *r;
	struct cached c;
	uint64_t began, took;

	open_with(&c, 64 * MIB, slow(FAULT_READ, 1000 * MS, 0));
	cr_assert_eq(cached_add(&c, "o", 100, 1), 0);
	sem_init(&g.done, 0, 0);
	r = cached_reader(&c, "o", 100, CACHE_FRESH);
	began = clock_ns();
	cache_read(r, &g.read);
	cache_cancel(r, &g.read);
	sem_wait(&g.done);
	took = clock_ns() - began;
	cr_expect_eq(g.result, -ECANCELED);
	cache_close(r);
	cr_expect(cached_close(&c));
	return took < 900 * MS;
}

Test(cache, a_read_that_is_given_up_ends_at_once)
{
	cr_expect(AWAIT(is_given_up_at_once()));
}

Test(cache, what_others_wait_for_is_not_given_up)
{
	struct given_up g = { .read = { .len = 10, .done = note } };
	struct cache_reader *r;
	struct cached c;
	char byte;

	open_with(&c, 64 * MIB, slow(FAULT_READ, 50 * MS, 0));
	cr_assert_eq(cached_add(&c, "o", 100, 1), 0);
	sem_init(&g.done, 0, 0);
	r = cached_reader(&c, "o", 100, CACHE_FRESH);
	cache_read(r, &g.read);
	cache_cancel(r, &g.read);
	cr_expect_eq(cached_read(r, &byte, 1, 5), 1);
	cr_expect_eq(byte, cached_byte(1, 5));
	sem_wait(&g.done);
	cache_close(r);
	cr_expect(cached_close(&c));
}

Test(cache, at_the_end_nothing_more_is_fetched_ahead)
{
	struct cache_reader *r;
	struct cached c;
	char byte;

	open_with(&c, 64 * MIB, slow(FAULT_READ, MS, 0));
	cr_assert_eq(cached_add(&c, "o", 64 * MIB, 1), 0);
	r = cached_reader(&c, "o", 64 * MIB, 0);
	cache_stop(c.cache);
	cr_expect_eq(cached_read(r, &byte, 1, 0), 1, "reads go on");
	cached_drain(&c);
	cr_expect_leq(cached_stats(&c).fetched, 2 * MIB);
	cache_close(r);
	cr_expect(cached_close(&c));
}

Test(cache, an_object_that_is_open_already_can_be_read)
{
	struct cache_reader *r;
	struct object *o;
	struct cached c;

	open_with(&c, 64 * MIB, (struct fault_plan){ 0 });
	cr_assert_eq(cached_add(&c, "o", 10 * MIB, 1), 0);
	cr_assert_eq(object_open(c.store, "o", &o), 0);
	cr_assert_eq(cache_adopt(c.cache, o, 0, 0, &r), 0);
	read_all(r, 1, 10 * MIB, 128 * KIB);
	cache_close(r);
	cr_expect_eq(cached_stats(&c).used, 0u);
	cr_expect(cached_close(&c));
}

static struct cache_reader *adopted(struct cached *c, unsigned flags)
{
	struct cache_reader *r = NULL;
	struct object *o;

	cr_assert_eq(object_open(c->store, "o", &o), 0);
	cr_assert_eq(cache_adopt(c->cache, o, 7, flags, &r), 0);
	return r;
}

/* The kernel's pages of it are shared by all who have it open. */
Test(cache, who_opens_what_has_replaced_another_is_apart_from_those_before)
{
	static const unsigned flags[] = { 0, CACHE_FRESH };

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		struct cache_reader *before, *first, *then;
		struct cached c;
		char byte;

		open_with(&c, 64 * MIB, (struct fault_plan){ 0 });
		cr_assert_eq(cached_add(&c, "o", 10 * MIB, 1), 0);
		before = adopted(&c, flags[i]);
		cr_expect(!cache_apart(before));
		cr_expect_eq(cached_read(before, &byte, 1, 0), 1);

		cr_assert_eq(cached_add(&c, "o", 10 * MIB, 2), 0);
		first = adopted(&c, flags[i]);
		cr_expect_eq(cached_read(first, &byte, 1, 0), -ESTALE);
		cache_close(first);

		then = adopted(&c, flags[i]);
		cr_expect(cache_replaced(then));
		cr_expect(cache_apart(then));
		cr_expect_eq(cached_read(then, &byte, 1, 0), 1);
		cache_close(then);
		cache_close(before);

		then = adopted(&c, flags[i]);
		cr_expect(!cache_apart(then), "nobody is left");
		cr_expect(cache_replaced(then) || flags[i], "but pages are");
		cr_expect_eq(cached_read(then, &byte, 1, 0), 1);
		cache_close(then);
		then = adopted(&c, flags[i]);
		cr_expect(!cache_replaced(then), "and now they are gone");
		cache_close(then);
		cr_expect(cached_close(&c));
	}
}

Test(cache, nothing_may_be_closed_and_freed)
{
	cache_close(NULL);
	cache_free(NULL);
}
