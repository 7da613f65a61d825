#include "base/rng.h"
#include "io/streams.h"

#include <criterion/criterion.h>

#define MOST (64 * MIB)

/* A read, with all fetched that should be, from a store that has a latency and
 * no other limit: time goes by windows. */
static struct stream *read_at(struct streams *st, uint64_t offset, uint64_t len,
			      bool stalled)
{
	struct streams_range left;
	struct stream *s = streams_read(st, offset, len, &left);

	if (stalled)
		streams_stalled(s, offset, MOST, s->at_ns + 1000000);
	s->fetched = streams_target(s, MOST);
	return s;
}

Test(streams, the_first_read_has_a_small_window)
{
	struct streams st;

	streams_init(&st);
	cr_expect_eq(read_at(&st, 0, 4096, true)->window, STREAMS_FIRST_WINDOW);
	cr_expect_eq(st.seeks, 0u);
	streams_init(&st);
	cr_expect_eq(read_at(&st, 500 * MIB, 4096, true)->window,
		     STREAMS_FIRST_WINDOW, "wherever it is");
	cr_expect_eq(st.seeks, 0u);
}

Test(streams, a_window_grows_only_for_readers_that_wait)
{
	struct streams st;
	struct stream *s = NULL;

	streams_init(&st);
	for (uint64_t at = 0; at < 64 * MIB; at += 128 * KIB)
		s = read_at(&st, at, 128 * KIB, false);
	cr_expect_eq(s->window, STREAMS_FIRST_WINDOW);
	for (uint64_t at = 64 * MIB; at < 512 * MIB; at += 128 * KIB)
		s = read_at(&st, at, 128 * KIB, true);
	cr_expect_eq(s->window, MOST);
}

/* The time per byte is the same whatever the window. */
Test(streams, a_window_grows_slowly_if_that_does_not_help)
{
	struct streams_range left;
	struct streams st;
	uint64_t largest = 0;

	streams_init(&st);
	for (uint64_t at = 0; at < 64 * MIB; at += MIB) {
		struct stream *s = streams_read(&st, at, MIB, &left);

		streams_stalled(s, at, MOST, NS_PER_SEC + at);
		s->fetched = streams_target(s, MOST);
		largest = MAX(largest, s->window);
	}
	cr_expect_leq(largest, 8 * STREAMS_FIRST_WINDOW);
	cr_expect_gt(largest, STREAMS_FIRST_WINDOW, "it is tried");
}

/* All that the kernel reads ahead waits together. */
Test(streams, a_window_grows_once_until_it_has_been_read)
{
	struct streams st;
	struct stream *s = NULL;

	streams_init(&st);
	for (uint64_t at = 0; at < MIB; at += 128 * KIB)
		s = read_at(&st, at, 128 * KIB, true);
	cr_expect_eq(s->window, STREAMS_FIRST_WINDOW);
	s = read_at(&st, s->grown, 128 * KIB, true);
	cr_expect_eq(s->window, 2 * STREAMS_FIRST_WINDOW);
	s = read_at(&st, s->next, 128 * KIB, true);
	cr_expect_eq(s->window, 2 * STREAMS_FIRST_WINDOW);
}

Test(streams, a_window_is_topped_up_below_half)
{
	struct streams st;
	struct stream *s;
	uint64_t fetched;

	streams_init(&st);
	s = read_at(&st, 0, 4096, false);
	fetched = s->fetched;
	s = read_at(&st, 4096, STREAMS_FIRST_WINDOW / 2 - 4096, false);
	cr_expect_eq(s->fetched, fetched);
	s = read_at(&st, s->next, 8192, false);
	cr_expect_eq(s->fetched, s->next + s->window);
}

Test(streams, reads_that_overtake_each_other_are_one_stream)
{
	static const uint64_t order[] = { 3, 1, 0, 2, 7, 5, 4, 6, 9, 8 };
	struct streams st;
	struct stream *s = NULL;

	streams_init(&st);
	for (size_t i = 0; i < ARRAY_SIZE(order); i++)
		s = read_at(&st, order[i] * MIB, MIB, true);
	cr_expect_eq(st.seeks, 0u);
	cr_expect_eq(s->next, 10 * MIB);
	cr_expect_gt(s->window, 0u);
}

Test(streams, two_streams_are_kept_apart)
{
	struct streams st;

	streams_init(&st);
	for (uint64_t at = 0; at < 32 * MIB; at += 128 * KIB) {
		read_at(&st, at, 128 * KIB, false);
		read_at(&st, 900 * MIB + at, 128 * KIB, false);
	}
	cr_expect_leq(st.seeks, 1u);
	cr_expect_gt(st.stream[0].window, 0u);
	cr_expect_gt(st.stream[1].window, 0u);
}

Test(streams, random_reads_have_no_window)
{
	static const struct {
		uint64_t len;
		unsigned by; /* the read that is known to be random */
	} cases[] = {
		{ 4096, 2 },
		{ 128 * KIB, 2 },
		{ 512 * KIB, 4 },
		{ MIB, 4 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct streams st;
		struct rng g;

		rng_seed(&g, 7);
		streams_init(&st);
		for (unsigned n = 1; n < 100; n++) {
			uint64_t at = rng_u64(&g) % (64 * GIB);
			struct stream *s = read_at(&st, at, cases[i].len, true);

			cr_expect_eq(s->window == 0, n >= cases[i].by,
				     "row %zu, read %u", i, n);
		}
	}
}

Test(streams, random_reads_turn_sequential_when_a_run_is_long)
{
	struct streams st;
	struct stream *s = NULL;
	uint64_t at;

	streams_init(&st);
	for (uint64_t i = 0; i < 20; i++)
		s = read_at(&st, (i * 7 % 20) * GIB, 64 * KIB, true);
	cr_expect_eq(s->window, 0u);
	at = s->next;
	for (uint64_t i = 0; i < 32; i++)
		s = read_at(&st, at + i * 64 * KIB, 64 * KIB, true);
	cr_expect_gt(s->window, 0u);
}

Test(streams, long_runs_keep_their_windows_across_seeks)
{
	struct streams st;
	struct stream *s = NULL;

	streams_init(&st);
	for (uint64_t i = 0; i < 20; i++)
		for (uint64_t at = 0; at < 8 * MIB; at += MIB)
			s = read_at(&st, (i * 7 % 20) * GIB + at, MIB, true);
	cr_expect_gt(st.seeks, 10u);
	cr_expect_gt(s->window, 0u);
}

Test(streams, a_seek_into_the_window_waits_unless_it_is_far)
{
	static const struct {
		uint64_t by;
		bool waits;
	} cases[] = {
		{ 4 * MIB, true },
		{ 15 * MIB, true },
		{ 17 * MIB, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct streams_range left;
		struct streams st;
		struct stream *s;

		streams_init(&st);
		s = streams_read(&st, 0, 4096, &left);
		s->fetched = 32 * MIB;
		streams_read(&st, cases[i].by, 4096, &left);
		cr_expect_eq(st.seeks == 0, cases[i].waits, "row %zu", i);
	}
}

Test(streams, what_a_given_up_stream_had_ahead_is_told)
{
	struct streams_range left;
	struct streams st;
	struct stream *s;

	streams_init(&st);
	s = streams_read(&st, 0, 4096, &left);
	s->fetched = MIB;
	cr_expect(streams_want(&st, 8192, 16384));
	cr_expect_not(streams_want(&st, 0, 4096), "behind it");
	streams_read(&st, 100 * MIB, 4096, &left);
	cr_expect_eq(left.begin, left.end, "there is room for a second");
	streams_read(&st, 200 * MIB, 4096, &left);
	cr_expect_eq(left.begin, 4096u);
	cr_expect_eq(left.end, MIB);
	cr_expect_not(streams_want(&st, 8192, 16384));
}

Test(streams, parts_are_a_quarter_of_the_window)
{
	static const struct {
		uint64_t window, most, want;
	} cases[] = {
		{ 0, 8 * MIB, MIB },
		{ STREAMS_FIRST_WINDOW, 8 * MIB, MIB },
		{ 16 * MIB, 8 * MIB, 4 * MIB },
		{ 64 * MIB, 8 * MIB, 8 * MIB },
		{ GIB, 8 * MIB, 8 * MIB },
		{ GIB, 512 * KIB, 512 * KIB },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		cr_expect_eq(streams_part(cases[i].window, cases[i].most),
			     cases[i].want, "row %zu", i);
}

Test(streams, exact_ranges_hold_the_read_and_little_more)
{
	struct rng g;

	rng_seed(&g, 3);
	for (int i = 0; i < 10000; i++) {
		uint64_t at = rng_u64(&g) % GIB;
		uint64_t len = 1 + rng_u64(&g) % MIB;
		struct streams_range r = streams_exact(at, len);

		cr_assert_leq(r.begin, at);
		cr_assert_geq(r.end, at + len);
		cr_assert_eq(r.begin % 4096, 0u);
		cr_assert_eq(r.end % 4096, 0u);
		cr_assert_lt(r.end - r.begin, len + MAX(len / 2, 8192));
	}
	cr_expect_eq(streams_exact(128 * KIB, 128 * KIB).begin, 128 * KIB);
	cr_expect_eq(streams_exact(128 * KIB, 128 * KIB).end, 256 * KIB);
}
