/* Members that meet thousands of times, sum, and fail at any point, with an
 * outer world that is told once for all of them. */
#include "train/team.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define MEETINGS 200

static void expect(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "failed: %s\n", what);
	exit(1);
}

struct world {
	unsigned members, bad;
	uint64_t bad_at;
	unsigned outer_barriers, outer_sums; /* not atomic: one thread's */
	uint64_t step[16];
	int outer_rc;
};

/* All have taken the same step, and none goes on meanwhile. */
static int outer_barrier(void *arg)
{
	struct world *w = arg;

	w->outer_barriers++;
	for (unsigned i = 1; i < w->members; i++)
		expect(w->step[i] == w->step[0], "all are at one step");
	return w->outer_rc;
}

/* As if there were another process of the same. */
static int outer_sum(void *arg, double *values, size_t n)
{
	struct world *w = arg;

	w->outer_sums++;
	for (size_t i = 0; i < n; i++)
		values[i] *= 2;
	return 0;
}

static int member(void *arg, struct team_member *m)
{
	struct world *w = arg;

	for (uint64_t i = 0; i < MEETINGS; i++) {
		double values[3] = { 1, m->number, (double)i };
		double more[64] = { m->number, [63] = 1 };
		int rc;

		if (m->number == w->bad && i == w->bad_at)
			return -EIO;
		w->step[m->number] = i;
		rc = team_barrier(m);
		if (!rc)
			rc = team_sum(m, values, 1 + i % 3);
		if (!rc)
			rc = team_sum(m, more, 64);
		if (rc)
			return rc;
		expect(more[0] == w->members * (w->members - 1.0) &&
			       more[63] == 2.0 * w->members,
		       "a sum right after another");
		expect(values[0] == 2 * w->members, "the sum of ones");
		if (i % 3 == 2)
			expect(values[2] == 2.0 * w->members * (double)i,
			       "the sum of steps");
	}
	return 0;
}

static int run(struct world *w)
{
	const struct team_outer outer = { outer_barrier, outer_sum, w };
	struct team *t;
	int rc;

	expect(!team_new(w->members, &outer, &t), "a team");
	rc = team_run(t, member, w);
	team_free(t);
	return rc;
}

int main(void)
{
	for (unsigned members = 1; members <= 9; members += 2) {
		struct world w = { .members = members, .bad = 99 };

		expect(run(&w) == 0, "all goes well");
		expect(w.outer_barriers == MEETINGS, "one barrier for all");
		expect(w.outer_sums == 2 * MEETINGS, "one of each sum for all");

		w = (struct world){ .members = members,
				    .bad = 99,
				    .outer_rc = -EPROTO };
		expect(run(&w) == -EPROTO,
		       "the outer failure is all of theirs");
		for (unsigned bad = 0; bad < members; bad++) {
			w = (struct world){ .members = members,
					    .bad = bad,
					    .bad_at = bad * 7 % MEETINGS };
			expect(run(&w) == -EIO, "the failure comes out");
		}
	}
	team_free(NULL);
	return 0;
}
