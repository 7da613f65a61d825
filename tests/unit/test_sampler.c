#include "train/sampler.h"

#include <criterion/criterion.h>
#include <errno.h>

Test(sampler, trims_so_that_all_ranks_take_the_same_steps)
{
	static const struct {
		uint64_t files, per_file, batch;
		unsigned ranks;
		uint64_t batches, files_used;	       /* ours */
		uint64_t strict_batches, strict_files; /* DLIO's */
	} cases[] = {
		/* One sample per file: DLIO's files are our samples. */
		{ 64, 1, 4, 1, 16, 64, 16, 64 },
		{ 13, 1, 4, 2, 1, 8, 1, 8 },
		{ 13, 1, 4, 3, 1, 12, 1, 12 },
		{ 25, 1, 4, 3, 2, 24, 2, 24 },
		{ 145, 1, 16, 3, 3, 144, 3, 144 },
		{ 168, 1, 7, 1, 24, 168, 24, 168 },
		{ 3, 1, 4, 1, 0, 0, 0, 0 },
		{ 0, 1, 4, 1, 0, 0, 0, 0 },
		/* Several: DLIO trims to nothing, or too much. */
		{ 8, 4, 4, 1, 8, 8, 0, 0 },
		{ 40, 4, 4, 1, 40, 40, 32, 32 },
		{ 5, 3, 2, 2, 3, 4, 0, 0 },
		{ 1024, 1251, 400, 1, 3202, 1024, 0, 0 },
		{ 500, 313532, 48, 1, 3265958, 500, 0, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct sampler_setup setup = {
			.files = cases[i].files,
			.samples_per_file = cases[i].per_file,
			.batch = cases[i].batch,
			.ranks = cases[i].ranks,
		};
		struct sampler s;

		for (setup.rank = 0; setup.rank < setup.ranks; setup.rank++) {
			setup.strict = false;
			cr_assert_eq(sampler_init(&s, &setup), 0);
			cr_expect_eq(s.batches, cases[i].batches, "case %zu",
				     i);
			cr_expect_eq(s.files, cases[i].files_used, "case %zu",
				     i);
			setup.strict = true;
			cr_assert_eq(sampler_init(&s, &setup), 0);
			cr_expect_eq(s.batches, cases[i].strict_batches,
				     "strict, case %zu", i);
			cr_expect_eq(s.files, cases[i].strict_files,
				     "strict, case %zu", i);
		}
	}
}

Test(sampler, deals_every_sample_to_exactly_one_rank_in_ascending_order)
{
	struct sampler_setup setup = {
		.files = 10,
		.samples_per_file = 3,
		.batch = 2,
		.ranks = 5,
	};
	uint64_t g = 0;

	/* 30 samples, 5 ranks, batches of 2: three steps, nothing left over. */
	for (setup.rank = 0; setup.rank < setup.ranks; setup.rank++) {
		struct sampler s;

		cr_assert_eq(sampler_init(&s, &setup), 0);
		cr_expect_eq(s.batches, 3);
		for (uint64_t b = 0; b < s.batches; b++)
			for (uint64_t i = 0; i < s.batch; i++, g++) {
				struct sampler_place p =
					sampler_place(&s, b, i);

				cr_expect(p.file == g / 3 && p.sample == g % 3,
					  "rank %u batch %lu sample %lu",
					  setup.rank, b, i);
			}
	}
	cr_expect_eq(g, 30);
}

Test(sampler, announces_the_steps_that_dlio_announces)
{
	static const struct {
		uint64_t files, per_file, batch;
		unsigned ranks;
		int64_t cap;
		uint64_t want;
	} cases[] = {
		{ 64, 1, 4, 1, -1, 16 }, { 8, 4, 4, 1, -1, 8 },
		{ 8, 4, 4, 1, 3, 3 },	 { 8, 4, 4, 1, 0, 8 },
		{ 8, 4, 4, 1, 99, 8 },	 { 13, 1, 4, 2, -1, 1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct sampler_setup setup = {
			.files = cases[i].files,
			.samples_per_file = cases[i].per_file,
			.batch = cases[i].batch,
			.ranks = cases[i].ranks,
		};

		cr_expect_eq(sampler_expected_steps(&setup, cases[i].cap),
			     cases[i].want, "case %zu", i);
	}
}

Test(sampler, refuses_what_cannot_be_counted)
{
	static const struct sampler_setup cases[] = {
		{ .files = 1, .samples_per_file = 0, .batch = 1, .ranks = 1 },
		{ .files = 1, .samples_per_file = 1, .batch = 0, .ranks = 1 },
		{ .files = 1, .samples_per_file = 1, .batch = 1, .ranks = 0 },
		{ .files = UINT64_MAX,
		  .samples_per_file = 2,
		  .batch = 1,
		  .ranks = 1 },
		{ .files = 1,
		  .samples_per_file = 1,
		  .batch = UINT64_MAX,
		  .ranks = 2 },
	};
	struct sampler s;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		cr_expect_eq(sampler_init(&s, &cases[i]), -EINVAL, "case %zu",
			     i);
}
