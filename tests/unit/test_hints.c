#include "backends/backend.h"
#include "io/hints.h"
#include "lib/cached.h"

#include <criterion/criterion.h>
#include <errno.h>

#define MS ((uint64_t)1000000)

enum { OBJECTS = 24 };

static const char *name_of(unsigned i)
{
	static char name[16];

	snprintf(name, sizeof(name), "o%u", i);
	return name;
}

/* OBJECTS of one size, "o0" and so on, behind a store that takes a while. */
static void open_with(struct cached *c, uint64_t memory, uint64_t size)
{
	struct cached_options o = { .memory = memory };

	o.plan.rule[FAULT_READ] =
		(struct fault_rule){ .shape = FAULT_FIXED, .a_ns = MS };
	cr_assert_eq(cached_open(c, &o), 0);
	for (unsigned i = 0; i < OBJECTS; i++)
		cr_assert_eq(cached_add(c, name_of(i), size, i), 0);
}

static void hint(struct cached *c, unsigned i, uint64_t size)
{
	cr_assert_eq(cache_hint(c->cache, c->store, name_of(i), size, 0, 0), 0);
}

/* Open, read all, close: whether no read had to wait. */
static bool is_at_hand(struct cached *c, unsigned i, uint64_t size)
{
	struct cache_reader *r =
		cached_reader(c, name_of(i), size, CACHE_FRESH);
	struct cache_stats before = cached_stats(c), after;
	AUTO_FREE char *buf = malloc(128 * KIB);

	for (uint64_t at = 0; at < size; at += 128 * KIB) {
		size_t want = MIN(128 * KIB, size - at);

		cr_assert_eq(cached_read(r, buf, 128 * KIB, at), (ssize_t)want);
		cr_assert(cached_bytes_are(buf, i, at, want));
	}
	after = cached_stats(c);
	cache_close(r);
	return after.reads - before.reads == after.at_hand - before.at_hand;
}

/* The same, where nothing else is being fetched: whether it had to be.  (Not
 * whether a read had to wait, for who gets no processor comes when it is there.) */
static bool is_fetched(struct cached *c, unsigned i, uint64_t size)
{
	uint64_t before = cached_stats(c).fetches;

	(void)is_at_hand(c, i, size);
	return cached_stats(c).fetches > before;
}

/* With what is announced and will not be read. */
static bool end(struct cached *c)
{
	cache_stop(c->cache);
	return cached_close(c);
}

static void expect_nothing_left(struct cached *c)
{
	struct cache_stats s;

	cached_drain(c);
	s = cached_stats(c);
	cr_expect_eq(s.hints, 0u);
	cr_expect_eq(s.hinted, 0u);
	cr_expect_eq(s.files, 0u);
	cr_expect_eq(s.blocks, 0u);
	cr_expect_eq(s.used, 0u);
}

Test(hints, what_was_announced_is_there_when_it_is_opened)
{
	struct cached c;

	open_with(&c, 64 * MIB, 143360);
	for (unsigned i = 0; i < OBJECTS; i++)
		hint(&c, i, 143360);
	cached_drain(&c);
	cr_expect_eq(cached_stats(&c).fetches, OBJECTS);
	cr_expect_gt(cached_stats(&c).hinted, 143360u * OBJECTS);
	cr_expect_eq(cached_stats(&c).hints, 0u);
	for (unsigned i = 0; i < OBJECTS; i++)
		cr_expect(is_at_hand(&c, i, 143360), "%u", i);
	cr_expect_eq(cached_stats(&c).fetches, OBJECTS, "and only once");
	cr_expect_eq(cached_stats(&c).hints_used, OBJECTS);
	expect_nothing_left(&c);
	cr_expect(end(&c));
}

/* Half of 16 MiB are eight of these; the others follow as room is made. */
Test(hints, they_are_fetched_in_order_within_half_of_the_budget)
{
	struct cached c;

	open_with(&c, 16 * MIB, MIB);
	for (unsigned i = 0; i < OBJECTS; i++)
		hint(&c, OBJECTS - 1 - i, MIB);
	cached_drain(&c);
	cr_expect_eq(cached_stats(&c).fetches, 8u);
	cr_expect_eq(cached_stats(&c).hinted, 8 * MIB);
	cr_expect_eq(cached_stats(&c).hints, OBJECTS - 8u);
	for (unsigned i = 0; i < OBJECTS; i++) {
		cr_expect(is_at_hand(&c, OBJECTS - 1 - i, MIB), "%u", i);
		cached_drain(&c);
		cr_expect_leq(cached_stats(&c).hinted, 8 * MIB);
	}
	cr_expect_eq(cached_stats(&c).fetches, OBJECTS);
	cr_expect_eq(cached_stats(&c).hints_dropped, 0u);
	expect_nothing_left(&c);
	cr_expect(end(&c));
}

Test(hints, a_reader_who_is_faster_uses_up_those_that_wait)
{
	struct cached c;

	open_with(&c, 16 * MIB, MIB);
	for (unsigned i = 0; i < OBJECTS; i++)
		hint(&c, i, MIB);
	cached_drain(&c);
	for (unsigned i = 8; i < OBJECTS; i++) {
		(void)is_at_hand(&c, i, MIB);
		cr_expect_eq(cached_stats(&c).fetches, i + 1u, "not before");
	}
	cr_expect_eq(cached_stats(&c).hints, 0u);
	for (unsigned i = 0; i < 8; i++)
		cr_expect(is_at_hand(&c, i, MIB), "%u", i);
	cached_drain(&c);
	cr_expect_eq(cached_stats(&c).fetches, OBJECTS, "nothing twice");
	expect_nothing_left(&c);
	cr_expect(end(&c));
}

Test(hints, said_twice_is_said_once)
{
	struct cached c;

	open_with(&c, 16 * MIB, MIB);
	for (unsigned n = 0; n < 3; n++)
		for (unsigned i = 0; i < OBJECTS; i++)
			hint(&c, i, MIB);
	cached_drain(&c);
	cr_expect_eq(cached_stats(&c).fetches, 8u);
	/* Those that were on their way wait again, too. */
	cr_expect_leq(cached_stats(&c).hints, OBJECTS);
	cr_expect(end(&c));
}

/* Sixteen that are opened have windows for 12 of 16 MiB. */
Test(hints, they_give_way_to_readers)
{
	struct cache_reader *readers[16];
	struct cache_stats s;
	struct cached c;
	unsigned there = 0;

	open_with(&c, 16 * MIB, MIB);
	for (unsigned i = 16; i < OBJECTS; i++)
		hint(&c, i, MIB);
	cached_drain(&c);
	cr_expect_eq(cached_stats(&c).hinted, 8 * MIB);
	for (unsigned i = 0; i < 16; i++)
		readers[i] = cached_reader(&c, name_of(i), MIB, CACHE_FRESH);
	cached_drain(&c);
	s = cached_stats(&c);
	cr_expect_eq(s.ahead, 12 * MIB);
	cr_expect_eq(s.hinted, 4 * MIB);
	cr_expect_eq(s.hints_dropped, 4u);
	cr_expect_leq(s.used + s.kept, s.budget);
	for (unsigned i = 0; i < 16; i++)
		cache_close(readers[i]);
	cached_drain(&c);
	for (unsigned i = 16; i < OBJECTS; i++)
		there += !is_fetched(&c, i, MIB);
	cr_expect_eq(there, 4u);
	expect_nothing_left(&c);
	cr_expect(end(&c));
}

/* Eight that nobody opens fill the share, until as many as HINTS_LATE says
 * have been opened after them. */
Test(hints, those_that_the_reader_has_passed_make_room)
{
	unsigned passes = HINTS_LATE + 2 * 8 + 1;
	struct cached c;

	open_with(&c, 16 * MIB, MIB);
	for (unsigned i = 0; i < 8; i++)
		hint(&c, i, MIB);
	cached_drain(&c);
	for (unsigned n = 0; n < passes; n++) {
		hint(&c, 8, MIB);
		cached_drain(&c);
		cr_expect(is_fetched(&c, 8, MIB), "%u", n);
	}
	cr_expect_eq(cached_stats(&c).hints_dropped, 0u);
	for (unsigned i = 9; i < OBJECTS; i++) {
		hint(&c, i, MIB);
		cached_drain(&c);
		cr_expect(is_at_hand(&c, i, MIB), "%u", i);
	}
	cr_expect_gt(cached_stats(&c).hints_dropped, 0u);
	cr_expect(end(&c));
}

Test(hints, a_fresh_reader_gets_what_was_announced_but_no_later_one_does)
{
	struct cached c;

	open_with(&c, 16 * MIB, MIB);
	hint(&c, 0, MIB);
	cached_drain(&c);
	cr_expect(is_at_hand(&c, 0, MIB));
	cr_expect(is_fetched(&c, 0, MIB));
	cr_expect_eq(cached_stats(&c).fetches, 2u);
	expect_nothing_left(&c);
	cr_expect(end(&c));
}

/* Blocks of 8 MiB end at multiples of 8 MiB. */
Test(hints, of_a_large_object_the_announced_range_is_fetched)
{
	static const struct {
		uint64_t offset, len, fetches, fetched;
	} cases[] = {
		{ 10 * MIB, MIB, 1, MIB },
		{ 10 * MIB + 1, 1, 1, 1 + 0 },
		{ 7 * MIB, 2 * MIB, 2, 2 * MIB },
		{ 39 * MIB, 5 * MIB, 1, MIB },
		{ 40 * MIB, 1, 0, 0 },
		{ 0, 0, 4, 32 * MIB }, /* a quarter of what hints may have */
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct cached c;

		open_with(&c, 256 * MIB, 1);
		cr_assert_eq(cached_add(&c, "big", 40 * MIB, 1), 0);
		cr_assert_eq(cache_hint(c.cache, c.store, "big", 40 * MIB,
					cases[i].offset, cases[i].len),
			     0);
		cached_drain(&c);
		cr_expect_eq(cached_stats(&c).fetches, cases[i].fetches,
			     "row %zu", i);
		cr_expect_eq(round_up(cached_stats(&c).fetched, 4096),
			     round_up(cases[i].fetched, 4096), "row %zu: %lu",
			     i, cached_stats(&c).fetched);
		cr_expect(end(&c));
	}
}

/* A record of a hundred bytes is not worth a block of its own: a read of a page
 * would be of forty. */
Test(hints, small_ranges_side_by_side_share_a_block)
{
	struct cache_reader *r;
	struct cached c;
	char bytes[8192];

	open_with(&c, 256 * MIB, 1);
	cr_assert_eq(cached_add(&c, "big", 40 * MIB, 1), 0);
	for (uint64_t at = MIB; at < MIB + sizeof(bytes); at += 100)
		cr_assert_eq(cache_hint(c.cache, c.store, "big", 40 * MIB, at,
					100),
			     0);
	cached_drain(&c);
	cr_expect_eq(cached_stats(&c).fetches, 3u, "%lu",
		     cached_stats(&c).fetches);
	r = cached_reader(&c, "big", 40 * MIB, CACHE_FRESH);
	cr_expect_eq(cached_read(r, bytes, sizeof(bytes), MIB),
		     (ssize_t)sizeof(bytes));
	cr_expect(cached_bytes_are(bytes, 1, MIB, sizeof(bytes)));
	cache_close(r);
	cr_expect(end(&c));
}

Test(hints, ranges_wait_for_who_reads_them_whoever_closes_the_file_meanwhile)
{
	struct cache_reader *r;
	struct cached c;
	char byte;

	open_with(&c, 256 * MIB, 1);
	cr_assert_eq(cached_add(&c, "big", 40 * MIB, 1), 0);
	for (uint64_t at = 1; at <= 31; at += 10)
		cr_assert_eq(cache_hint(c.cache, c.store, "big", 40 * MIB,
					at * MIB, MIB),
			     0);
	cached_drain(&c);
	for (uint64_t at = 1; at <= 31; at += 10) {
		r = cached_reader(&c, "big", 40 * MIB, CACHE_FRESH);
		cr_expect_eq(cached_read(r, &byte, 1, at * MIB), 1);
		cr_expect_eq(byte, cached_byte(1, at * MIB));
		cache_close(r);
		cached_drain(&c);
	}
	cr_expect_eq(cached_stats(&c).at_hand, 4u);
	cr_expect_eq(cached_stats(&c).hints_used, 4u);
	expect_nothing_left(&c);
	cr_expect(end(&c));
}

Test(hints, of_what_is_not_there_the_reader_hears_when_he_reads)
{
	struct cache_reader *r;
	struct cached c;
	char byte;

	open_with(&c, 16 * MIB, 10);
	cr_assert_eq(cache_hint(c.cache, c.store, "none", 10, 0, 0), 0);
	hint(&c, 0, 11); /* it is of another size */
	hint(&c, 1, 10);
	cached_drain(&c);
	cr_expect_eq(cached_stats(&c).files, 1u);
	r = cached_reader(&c, "none", 10, CACHE_FRESH);
	cr_expect_eq(cached_read(r, &byte, 1, 0), -ENOENT);
	cache_close(r);
	cr_expect(is_at_hand(&c, 1, 10));
	expect_nothing_left(&c);
	cr_expect(end(&c));
}

Test(hints, at_the_end_they_are_forgotten)
{
	struct cached c;

	open_with(&c, 16 * MIB, MIB);
	for (unsigned i = 0; i < OBJECTS; i++)
		hint(&c, i, MIB);
	cache_stop(c.cache);
	hint(&c, 0, MIB);
	expect_nothing_left(&c);
	cr_expect(end(&c));
}

Test(hints, too_many_are_dropped_and_counted)
{
	struct cached c;
	char name[32];

	open_with(&c, CACHE_LEAST, MIB);
	for (unsigned i = 0; i < 4; i++)
		hint(&c, i, MIB); /* fill the share */
	for (unsigned i = 0; i < HINTS_MOST + 100; i++) {
		snprintf(name, sizeof(name), "more%u", i);
		(void)!cache_hint(c.cache, c.store, name, MIB, 0, 0);
	}
	cr_expect_eq(cached_stats(&c).hints, HINTS_MOST);
	cr_expect_geq(cached_stats(&c).hints_dropped, 90u);
	cr_expect(end(&c));
}
