#include "backends/throttle.h"

#include "base/clock.h"
#include "lib/await.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#define MS UINT64_C(1000000)

static struct throttle *gate(unsigned most)
{
	struct throttle *t;

	cr_assert_eq(throttle_new(most, &t), 0);
	return t;
}

static void enter(struct throttle *t, struct throttle_pass *pass)
{
	cr_assert_eq(throttle_enter(t, pass), 0);
}

/* ---- The limit ----------------------------------------------------------- */

Test(throttle, falls_by_half_once_per_round)
{
	struct throttle *t = gate(16);
	struct throttle_pass pass[16] = { 0 };

	for (int i = 0; i < 16; i++)
		enter(t, &pass[i]);
	cr_expect_eq(throttle_busy(t), 16);
	cr_expect_eq(throttle_leave(t, &pass[0], THROTTLE_TOO_MUCH), -8);
	cr_expect_eq(pass[0].limit, 8);
	for (int i = 1; i < 16; i++)
		cr_expect_eq(throttle_leave(t, &pass[i], THROTTLE_TOO_MUCH), 0,
			     "began before");
	cr_expect_eq(throttle_limit(t), 8);
	enter(t, &pass[0]);
	cr_expect_eq(throttle_leave(t, &pass[0], THROTTLE_TOO_MUCH), -4);
	cr_expect_eq(throttle_busy(t), 0);
	throttle_free(t);
}

Test(throttle, never_falls_below_one)
{
	struct throttle *t = gate(3);
	static const unsigned want[] = { 1, 1, 1 };

	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		struct throttle_pass pass = { 0 };

		enter(t, &pass);
		throttle_leave(t, &pass, THROTTLE_TOO_MUCH);
		cr_expect_eq(throttle_limit(t), want[i]);
	}
	throttle_free(t);
	t = gate(0);
	cr_expect_eq(throttle_limit(t), 1);
	throttle_free(t);
}

static int one(struct throttle *t, enum throttle_end end)
{
	struct throttle_pass pass = { 0 };

	enter(t, &pass);
	return throttle_leave(t, &pass, end);
}

Test(throttle, rises_by_one_for_each_round_that_went_well)
{
	struct throttle *t = gate(8);
	unsigned rounds = 0;

	one(t, THROTTLE_TOO_MUCH);
	one(t, THROTTLE_TOO_MUCH);
	cr_expect_eq(throttle_limit(t), 2);
	for (unsigned limit = 2; limit < 8; limit++, rounds++) {
		for (unsigned i = 1; i < limit; i++)
			cr_expect_eq(one(t, THROTTLE_WELL), 0);
		cr_expect_eq(one(t, THROTTLE_WELL), 1, "after %u", limit);
	}
	for (int i = 0; i < 100; i++)
		cr_expect_eq(one(t, THROTTLE_WELL), 0);
	cr_expect_eq(throttle_limit(t), 8);
	throttle_free(t);
}

Test(throttle, what_fails_otherwise_changes_nothing)
{
	struct throttle *t = gate(4);

	one(t, THROTTLE_TOO_MUCH);
	for (int i = 0; i < 100; i++)
		cr_expect_eq(one(t, THROTTLE_BADLY), 0);
	cr_expect_eq(throttle_limit(t), 2);
	throttle_free(t);
}

/* ---- The gate ------------------------------------------------------------ */

struct guest {
	struct throttle *t;
	struct throttle_pass pass;
	char name;
	char *arrivals;
	pthread_t thread;
	int rc;
	uint64_t took_ns;
};

static void *come_in(void *arg)
{
	struct guest *g = arg;
	uint64_t start = clock_ns();

	g->rc = throttle_enter(g->t, &g->pass);
	g->took_ns = clock_ns() - start;
	if (g->rc == 0) {
		g->arrivals[strlen(g->arrivals)] = g->name;
		throttle_leave(g->t, &g->pass, THROTTLE_WELL);
	}
	return NULL;
}

static void come(struct guest *g)
{
	unsigned before = throttle_waiting(g->t);

	cr_assert_eq(pthread_create(&g->thread, NULL, come_in, g), 0);
	/* He is in the line before the next one comes. */
	cr_assert(AWAIT(throttle_waiting(g->t) == before + 1));
}

Test(throttle, lets_in_by_order_and_the_background_last)
{
	struct throttle *t = gate(1);
	struct throttle_pass first = { 0 };
	char arrivals[8] = "";
	struct guest guests[] = {
		{ .name = 'a', .pass.background = true },
		{ .name = 'b' },
		{ .name = 'c', .pass.background = true },
		{ .name = 'd' },
		{ .name = 'e' },
	};

	enter(t, &first);
	for (size_t i = 0; i < ARRAY_SIZE(guests); i++) {
		guests[i].t = t;
		guests[i].arrivals = arrivals;
		come(&guests[i]);
	}
	cr_expect_str_eq(arrivals, "");
	throttle_leave(t, &first, THROTTLE_WELL);
	for (size_t i = 0; i < ARRAY_SIZE(guests); i++)
		pthread_join(guests[i].thread, NULL);
	cr_expect_str_eq(arrivals, "bdeac");
	cr_expect_eq(throttle_busy(t), 0);
	throttle_free(t);
}

Test(throttle, waiting_ends_at_the_deadline_and_when_told_to)
{
	_Atomic bool yes = true;
	struct throttle_pass holder = { 0 };
	struct throttle *t = gate(1);
	struct throttle_pass cases[] = {
		{ .stop = &yes },
		{ .cancel = &yes },
		{ .deadline_ns = clock_ns() + 120 * MS },
	};
	static const int want[] = { -ECANCELED, -ECANCELED, -ETIMEDOUT };

	enter(t, &holder);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		cr_expect_eq(throttle_enter(t, &cases[i]), want[i], "%zu", i);
	cr_expect_geq(clock_ns(), cases[2].deadline_ns);
	cr_expect_lt(clock_ns(), cases[2].deadline_ns + 20000 * MS);
	throttle_leave(t, &holder, THROTTLE_WELL);
	enter(t, &holder);
	throttle_leave(t, &holder, THROTTLE_WELL);
	throttle_free(t);
}

Test(throttle, who_goes_away_does_not_break_the_line)
{
	struct throttle *t = gate(1);
	struct throttle_pass holder = { 0 };
	_Atomic bool cancel[6] = { 0 };
	char arrivals[8] = "";
	struct guest guests[6] = { 0 };
	/* The first, one in the middle, and the last. */
	static const size_t leaving[] = { 0, 2, 4 };

	enter(t, &holder);
	for (size_t i = 0; i < 6; i++)
		guests[i] = (struct guest){ .t = t,
					    .name = (char)('a' + i),
					    .arrivals = arrivals,
					    .pass.cancel = &cancel[i] };
	for (size_t i = 0; i < 5; i++)
		come(&guests[i]);
	for (size_t i = 0; i < ARRAY_SIZE(leaving); i++) {
		struct guest *g = &guests[leaving[i]];

		cancel[leaving[i]] = true;
		pthread_join(g->thread, NULL);
		cr_expect_eq(g->rc, -ECANCELED);
	}
	come(&guests[5]);
	throttle_leave(t, &holder, THROTTLE_WELL);
	pthread_join(guests[1].thread, NULL);
	pthread_join(guests[3].thread, NULL);
	pthread_join(guests[5].thread, NULL);
	cr_expect_str_eq(arrivals, "bdf");
	throttle_free(t);
}

Test(throttle, who_waits_is_told_soon)
{
	struct throttle *t = gate(1);
	struct throttle_pass holder = { 0 };
	_Atomic bool cancel = false;
	struct guest g = { .t = t, .pass.cancel = &cancel };
	uint64_t start;

	enter(t, &holder);
	come(&g);
	start = clock_ns();
	cancel = true;
	pthread_join(g.thread, NULL);
	cr_expect_eq(g.rc, -ECANCELED);
	cr_expect_lt(clock_ns() - start, 20000 * MS, "on a busy machine");
	throttle_leave(t, &holder, THROTTLE_WELL);
	throttle_free(t);
}

Test(throttle, a_lower_limit_holds_back_who_comes_later)
{
	struct throttle *t = gate(4);
	struct throttle_pass in[4] = { 0 };
	struct throttle_pass late = { .deadline_ns = clock_ns() + 20 * MS };

	for (int i = 0; i < 4; i++)
		enter(t, &in[i]);
	throttle_leave(t, &in[0], THROTTLE_TOO_MUCH);
	throttle_leave(t, &in[1], THROTTLE_BADLY);
	cr_expect_eq(throttle_enter(t, &late), -ETIMEDOUT, "2 of 2 are in");
	throttle_leave(t, &in[2], THROTTLE_BADLY);
	late.deadline_ns = 0;
	enter(t, &late);
	throttle_leave(t, &late, THROTTLE_BADLY);
	throttle_leave(t, &in[3], THROTTLE_BADLY);
	throttle_free(t);
	throttle_free(NULL);
}
