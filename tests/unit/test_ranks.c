#include "app/ranks.h"

#include "app/ranks_wire.h"
#include "lib/thread_ranks.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

TestSuite(ranks);

/* ---- Alone ---- */

static int count_call(void *arg, unsigned rank, const void *data, size_t len)
{
	cr_expect_eq(rank, 0);
	cr_expect_eq(len, 3);
	cr_expect_eq(memcmp(data, "abc", 3), 0);
	++*(int *)arg;
	return 0;
}

Test(ranks, a_process_that_was_started_alone_is_one_rank)
{
	double values[] = { 1, 2.5 };
	struct ranks *r;
	int calls = 0;

	unsetenv("OMPI_COMM_WORLD_SIZE");
	unsetenv("PMI_SIZE");
	unsetenv("SLURM_STEP_NUM_TASKS");
	cr_assert_eq(ranks_open(&r), 0);
	cr_expect_eq(r->rank, 0);
	cr_expect_eq(r->size, 1);
	cr_expect_eq(r->nodes, 1);
	cr_expect_eq(r->node_size, 1);
	cr_expect_eq(ranks_agree(r, 0), 0);
	cr_expect_eq(ranks_sum(r, values, 2), 0);
	cr_expect_eq(values[1], 2.5);
	cr_expect_eq(ranks_gather(r, "abc", 3, count_call, &calls), 0);
	cr_expect_eq(calls, 1);
	cr_expect_eq(ranks_agree(r, -ENOSPC), -ENOSPC);
	ranks_settle(r);
	cr_expect_eq(ranks_close(r, -ENOSPC), -ENOSPC);
}

/* ---- Together ---- */

static struct ranks *opened(struct thread_rank *t)
{
	struct ranks *r;

	cr_assert_eq(ranks_open_by(t->wire, &r), 0);
	return r;
}

static void sum_up(struct thread_rank *t)
{
	struct ranks *r = opened(t);
	double values[] = { r->rank, 1, 0.5 };

	cr_expect_eq(ranks_sum(r, values, 3), 0);
	cr_expect_eq(values[0], 0 + 1 + 2);
	cr_expect_eq(values[1], 3);
	cr_expect_eq(values[2], 1.5);
	cr_expect_eq(ranks_close(r, 0), 0);
}

Test(ranks, sums_are_over_all_ranks)
{
	cr_expect_eq(thread_ranks_run(3, sum_up, NULL), 0);
}

static void tell_all(struct thread_rank *t)
{
	struct ranks *r = opened(t);
	char text[8];

	snprintf(text, sizeof(text), "from %u", r->rank);
	cr_expect_eq(ranks_tell(r, text, sizeof(text)), 0);
	cr_expect_str_eq(text, "from 0");
	snprintf(text, sizeof(text), "host %u", r->rank);
	cr_expect_eq(ranks_tell_host(r, text, sizeof(text)), 0);
	cr_expect_str_eq(text, "host 0"); /* they are on the same */
	cr_expect_eq(ranks_close(r, 0), 0);
}

Test(ranks, all_get_what_rank_0_tells)
{
	thread_ranks_run(3, tell_all, NULL);
}

static int take(void *arg, unsigned rank, const void *data, size_t len)
{
	unsigned *next = arg;

	cr_expect_eq(rank, (*next)++);
	cr_expect_eq(len, 2 * rank, "of rank %u", rank);
	for (size_t i = 0; i < len; i++)
		cr_expect_eq(((const char *)data)[i], (char)('a' + rank));
	return 0;
}

static void gather(struct thread_rank *t)
{
	struct ranks *r = opened(t);
	unsigned next = 0;
	char mine[16];

	memset(mine, (char)('a' + r->rank), sizeof(mine));
	cr_expect_eq(ranks_gather(r, mine, 2 * (size_t)r->rank, take, &next),
		     0);
	cr_expect_eq(next, r->rank ? 0 : r->size);
	cr_expect_eq(ranks_close(r, 0), 0);
}

Test(ranks, rank_0_gathers_pieces_of_any_length_in_order)
{
	thread_ranks_run(4, gather, NULL);
}

/* ---- Failures ---- */

static void fail_as_1(struct thread_rank *t)
{
	struct ranks *r = opened(t);
	int mine = r->rank == 1 ? -ENOSPC : 0;
	double value = 1;

	cr_expect_eq(ranks_agree(r, 0), 0);
	/* Rank 1 is at its end, the others want a sum. */
	if (mine)
		cr_expect_eq(ranks_agree(r, mine), mine);
	else
		cr_expect_eq(ranks_sum(r, &value, 1), -ECANCELED);
	cr_expect_eq(ranks_tell(r, &value, sizeof(value)), -ECANCELED);
	cr_expect_eq(ranks_gather(r, "x", 1, take, NULL), -ECANCELED);
	ranks_settle(r);
	cr_expect_eq(ranks_close(r, mine ? mine : -ECANCELED), -ENOSPC,
		     "rank %u", t->wire->rank);
}

Test(ranks, all_learn_of_the_first_failure_wherever_they_are)
{
	cr_expect_eq(thread_ranks_run(3, fail_as_1, NULL), 0);
}

static void fail_at_the_end(struct thread_rank *t)
{
	struct ranks *r = opened(t);
	int mine = r->rank ? 0 : -EIO;

	cr_expect_eq(ranks_close(r, mine), -EIO);
}

Test(ranks, a_failure_at_the_very_end_is_all_ranks_result)
{
	cr_expect_eq(thread_ranks_run(2, fail_at_the_end, NULL), 0);
}

/* ---- Hosts ---- */

Test(ranks, hosts_and_the_ranks_on_them_count_in_order_of_rank)
{
	static const struct {
		unsigned n;
		uint64_t host[5];
		struct {
			unsigned node, nodes, node_rank, node_size;
		} want[5];
	} cases[] = {
		{ 1, { 7 }, { { 0, 1, 0, 1 } } },
		{ 3,
		  { 7, 7, 7 },
		  { { 0, 1, 0, 3 }, { 0, 1, 1, 3 }, { 0, 1, 2, 3 } } },
		{ 4,
		  { 9, 9, 3, 3 },
		  { { 0, 2, 0, 2 },
		    { 0, 2, 1, 2 },
		    { 1, 2, 0, 2 },
		    { 1, 2, 1, 2 } } },
		{ 5, /* round robin, and uneven */
		  { 9, 3, 9, 3, 9 },
		  { { 0, 2, 0, 3 },
		    { 1, 2, 0, 2 },
		    { 0, 2, 1, 3 },
		    { 1, 2, 1, 2 },
		    { 0, 2, 2, 3 } } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		for (unsigned rank = 0; rank < cases[i].n; rank++) {
			struct ranks r = { .rank = rank, .size = cases[i].n };

			ranks_place(&r, cases[i].host);
			cr_expect_eq(r.node, cases[i].want[rank].node);
			cr_expect_eq(r.nodes, cases[i].want[rank].nodes);
			cr_expect_eq(r.node_rank,
				     cases[i].want[rank].node_rank);
			cr_expect_eq(r.node_size,
				     cases[i].want[rank].node_size);
		}
}
