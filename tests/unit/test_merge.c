#include "app/merge.h"

#include "lib/thread_ranks.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

TestSuite(merge);

static struct recorder *recorder(void)
{
	struct recorder *r;

	cr_assert_eq(recorder_new(-1, &r), 0);
	return r;
}

Test(merge, what_is_packed_and_unpacked_adds_up)
{
	struct merge_line line = { .samples = 7 }, back;
	struct recorder *from = recorder(), *to = recorder();
	struct rec_figures *f = malloc(sizeof(*f));
	AUTO_FREE char *bytes = NULL;
	size_t len;

	cr_assert(f);
	recorder_add(from, REC_APP, REC_READ, 1000, 100);
	recorder_add(from, REC_APP, REC_READ, 50, -EIO);
	recorder_add(from, REC_STORE, REC_OPEN, 5000000, 0);
	recorder_count(from, REC_RETRIES, 3);
	recorder_lowest(from, REC_LIMIT_LOWEST, 9);
	recorder_add(to, REC_APP, REC_READ, 3000, 11);
	recorder_count(to, REC_RETRIES, 4);
	recorder_lowest(to, REC_LIMIT_LOWEST, 12);

	cr_assert_eq(merge_pack(from, &line, &bytes, &len), 0);
	cr_assert_eq(merge_unpack(to, bytes, len, &back), 0);
	cr_expect_eq(back.samples, 7);
	recorder_get(to, REC_APP, REC_READ, f);
	cr_expect_eq(f->count, 3);
	cr_expect_eq(f->errors, 1);
	cr_expect_eq(f->bytes, 111);
	cr_expect_eq(hist_sum(&f->latency), 4050);
	cr_expect_eq(hist_min(&f->latency), 50);
	cr_expect_eq(hist_max(&f->latency), 3000);
	recorder_get(to, REC_STORE, REC_OPEN, f);
	cr_expect_eq(f->count, 1);
	cr_expect_eq(recorder_counter(to, REC_RETRIES), 7);
	cr_expect_eq(recorder_counter(to, REC_LIMIT_LOWEST), 9);

	for (size_t cut = 0; cut < len; cut += 7)
		cr_expect(merge_unpack(to, bytes, cut, &back) == -EBADMSG ||
				  cut == sizeof(line) +
						  REC_COUNTERS *
							  sizeof(uint64_t),
			  "%zu of %zu bytes", cut, len);
	free(f);
	recorder_free(from);
	recorder_free(to);
}

/* Rank r reads r + 1 samples of 10 bytes in each of two epochs. */
static void measure(struct thread_rank *t)
{
	struct train_epoch epoch[2] = { { 0 } };
	struct train_result result = { .epoch = epoch,
				       .epochs = 2,
				       .saved_bytes = 5 };
	struct merge_line *line = NULL;
	struct recorder *r = recorder();
	struct rec_figures *f = malloc(sizeof(*f));
	struct ranks *ranks;

	cr_assert(f);
	cr_assert_eq(ranks_open_by(t->wire, &ranks), 0);
	for (size_t i = 0; i < 2; i++)
		epoch[i] = (struct train_epoch){
			.steps = 4,
			.wall_ns = 100 + ranks->rank,
			.samples = ranks->rank + 1,
			.consumed_bytes = 10 * (ranks->rank + 1),
			.delivered_bytes = ranks->rank == 0 ? 60 : 0,
			.delivered_known = ranks->rank == 0,
			.read_ns = 1000,
		};
	recorder_add(r, REC_APP, REC_BARRIER, 1000 * (ranks->rank + 1), 0);

	cr_assert_eq(merge_recorders(ranks, r, &result, &line), 0);
	cr_assert_eq(merge_result(ranks, &result), 0);
	cr_expect_eq(epoch[1].samples, 6);
	cr_expect_eq(epoch[1].consumed_bytes, 60);
	cr_expect_eq(epoch[1].delivered_bytes, 60);
	cr_expect(epoch[1].delivered_known);
	cr_expect_eq(epoch[1].read_ns, 3000);
	cr_expect_eq(epoch[1].steps, 4);
	cr_expect_eq(epoch[1].wall_ns, 100 + ranks->rank);
	cr_expect_eq(result.saved_bytes, 15);
	if (ranks->rank == 0) {
		recorder_get(r, REC_APP, REC_BARRIER, f);
		cr_expect_eq(f->count, 3);
		cr_expect_eq(hist_sum(&f->latency), 6000);
		for (unsigned i = 0; i < 3; i++) {
			cr_expect_eq(line[i].samples, 2 * (i + 1));
			cr_expect_eq(line[i].waited_ns, 1000 * (i + 1));
			cr_expect_str_eq(line[i].host, ranks->host);
		}
	}
	cr_expect_eq(ranks_close(ranks, 0), 0);
	free(line);
	free(f);
	recorder_free(r);
}

Test(merge, rank_0_has_the_figures_of_all)
{
	thread_ranks_run(3, measure, NULL);
}
