#include "train/sampler_strict.h"

#include "lib/sampled.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

/* The maps that DLIO made of these, before it began to trim files. */
Test(sampler_strict, maps_samples_to_threads_as_dlio_does)
{
	static const struct {
		uint64_t files, per_file;
		unsigned ranks, workers, rank, worker;
		const char *want;
	} cases[] = {
		{ 8, 1, 2, 2, 0, 0, "0#0 1#0 " },
		{ 8, 1, 2, 2, 0, 1, "2#0 3#0 " },
		{ 8, 1, 2, 2, 1, 0, "4#0 1#0 " },
		{ 8, 1, 2, 2, 1, 1, "2#0 3#0 " },
		{ 4, 4, 2, 2, 1, 0, "2#0 0#1 0#2 0#3 " },
		{ 4, 4, 2, 2, 1, 1, "1#0 1#1 1#2 1#3 " },
		{ 9, 1, 2, 3, 0, 0, "0#0 3#0 " },
		{ 9, 1, 2, 3, 0, 1, "1#0 4#0 " },
		{ 9, 1, 2, 3, 0, 2, "2#0 " },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t samples = cases[i].files * cases[i].per_file;
		struct sampler s = {
			.setup = { .order = SAMPLER_ITERATIVE,
				   .files = cases[i].files,
				   .samples_per_file = cases[i].per_file,
				   .batch = 1,
				   .rank = cases[i].rank,
				   .ranks = cases[i].ranks,
				   .workers = cases[i].workers,
				   .strict = true },
			.piece = 1,
			.per_batch = 1,
			.batches =
				(samples + cases[i].ranks - 1) / cases[i].ranks,
		};

		cr_assert_eq(sampler_strict_init(&s), 0);
		cr_expect_str_eq(sampled_by(&s, cases[i].worker, s.setup.batch),
				 cases[i].want, "case %zu: %s", i,
				 sampled_by(&s, cases[i].worker,
					    s.setup.batch));
	}
}

static void begin(struct sampler *s, uint64_t files, uint64_t batch,
		  unsigned workers, bool shuffle, uint64_t before)
{
	const struct sampler_setup setup = {
		.order = SAMPLER_ITERATIVE,
		.files = files,
		.samples_per_file = 1,
		.batch = batch,
		.ranks = 1,
		.workers = workers,
		.shuffle_files = shuffle,
		.files_before = before,
		.seed = 123,
		.reseed = true,
		.strict = true,
	};

	cr_assert_eq(sampler_init(s, &setup), 0);
}

Test(sampler_strict, pads_the_last_batch_of_each_thread)
{
	struct sampler_place place;
	struct sampler s;

	/* 12 samples, 5 threads of 2, and 2 more for the first: 2 batches of
	 * 3 there, one each of the others. */
	begin(&s, 12, 3, 5, false, 0);
	cr_expect_eq(s.batches, 4, "steps of DLIO's loop");
	cr_expect_eq(s.pieces, 6);
	cr_expect_str_eq(sampled_by(&s, 0, s.setup.batch),
			 "0#0 1#0 10#0 11#0 ");
	cr_expect_str_eq(sampled_by(&s, 4, s.setup.batch), "8#0 9#0 ");
	cr_expect(sampler_place(&s, 1, 1, &place));
	cr_expect_not(sampler_place(&s, 1, 2, &place));
	cr_expect_eq(sampler_worker(&s, 5), 0);
	sampler_clear(&s);
}

/* NumPy's shuffle of 0 … 7 with seed 124; and again, on top, with 125. */
Test(sampler_strict, shuffles_files_as_numpy_does_on_top_of_the_epoch_before)
{
	struct sampler s, skipped;
	char second[512];

	begin(&s, 8, 1, 1, true, 0);
	cr_assert_eq(sampler_begin(&s, 1), 0);
	cr_expect_str_eq(sampled_by(&s, 0, s.setup.batch),
			 "3#0 7#0 0#0 5#0 2#0 1#0 4#0 6#0 ");
	cr_assert_eq(sampler_begin(&s, 1), 0, "the same pass again");
	cr_expect_str_eq(sampled_by(&s, 0, s.setup.batch),
			 "3#0 7#0 0#0 5#0 2#0 1#0 4#0 6#0 ");
	cr_assert_eq(sampler_begin(&s, 2), 0);
	strcpy(second, sampled_by(&s, 0, s.setup.batch));
	cr_expect_str_neq(second, "3#0 7#0 0#0 5#0 2#0 1#0 4#0 6#0 ");

	begin(&skipped, 8, 1, 1, true, 0);
	cr_assert_eq(sampler_begin(&skipped, 2), 0);
	cr_expect_str_eq(sampled_by(&skipped, 0, skipped.setup.batch), second);
	sampler_clear(&skipped);

	/* What is shuffled before takes its numbers from the generator. */
	begin(&skipped, 8, 1, 1, true, 5);
	cr_assert_eq(sampler_begin(&skipped, 1), 0);
	cr_expect_str_neq(sampled_by(&skipped, 0, skipped.setup.batch),
			  "3#0 7#0 0#0 5#0 2#0 1#0 4#0 6#0 ");
	sampler_clear(&skipped);
	sampler_clear(&s);
}

Test(sampler_strict, refuses_what_dlio_divides_by_zero_at)
{
	const struct sampler_setup setup = {
		.order = SAMPLER_ITERATIVE,
		.files = 4,
		.samples_per_file = 1,
		.batch = 2,
		.ranks = 1,
		.workers = 5,
		.strict = true,
	};
	struct sampler s;

	cr_expect_eq(sampler_init(&s, &setup), -EINVAL);
	sampler_clear(&s);
}
