#include "train/sampler.h"

#include "lib/sampled.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

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
			for (uint64_t i = 0; i < s.piece; i++, g++) {
				struct sampler_place p;

				cr_assert(sampler_place(&s, b, i, &p));
				cr_expect(p.file == g / 3 && p.sample == g % 3,
					  "rank %u batch %lu sample %lu",
					  setup.rank, b, i);
			}
	}
	cr_expect_eq(g, 30);
}

/* How often each sample is met, by all ranks together, in the batches of one
 * epoch; what a rank does not keep of RECORDS is not counted. */
static void count_samples(struct sampler_setup setup, uint64_t epoch,
			  unsigned *count)
{
	for (setup.rank = 0; setup.rank < setup.ranks; setup.rank++) {
		bool all = setup.order == SAMPLER_RECORDS &&
			   setup.files < setup.ranks;
		struct sampler_place place;
		struct sampler s;

		cr_assert_eq(sampler_init(&s, &setup), 0);
		cr_assert_eq(sampler_begin(&s, epoch), 0);
		for (uint64_t p = 0; p < s.pieces; p++)
			for (uint64_t i = 0; i < s.piece; i++) {
				cr_assert(sampler_place(&s, p, i, &place));
				cr_assert_lt(place.file, setup.files);
				cr_assert_lt(place.sample,
					     setup.samples_per_file);
				if (!all || p % setup.ranks == setup.rank)
					count[place.file *
						      setup.samples_per_file +
					      place.sample]++;
			}
		sampler_clear(&s);
	}
}

#define MANY 400

static const struct sampler_setup shapes[] = {
	{ .files = 13, .samples_per_file = 1, .batch = 4, .ranks = 3 },
	{ .files = 10, .samples_per_file = 7, .batch = 4, .ranks = 2 },
	{ .files = 3, .samples_per_file = 100, .batch = 6, .ranks = 4 },
	{ .files = 24, .samples_per_file = 12, .batch = 5, .ranks = 1 },
};

Test(sampler, gives_no_sample_to_two_ranks_however_it_shuffles)
{
	for (size_t i = 0; i < ARRAY_SIZE(shapes) * 3 * 4 * 4; i++) {
		struct sampler_setup setup = shapes[i % ARRAY_SIZE(shapes)];
		size_t way = i / ARRAY_SIZE(shapes);
		unsigned count[MANY] = { 0 }, met = 0;
		struct sampler s;

		setup.order = (enum sampler_order)(way % 3);
		setup.shuffle_files = way / 3 & 1;
		setup.shuffle_samples = way / 6 & 1;
		setup.workers = (unsigned)(way / 12 & 3);
		setup.reseed = true;
		cr_assert_eq(sampler_init(&s, &setup), 0);
		for (uint64_t epoch = 1; epoch <= 2; epoch++) {
			memset(count, 0, sizeof(count));
			count_samples(setup, epoch, count);
			met = 0;
			for (size_t k = 0; k < MANY; k++) {
				cr_expect_leq(count[k], 1, "case %zu", i);
				met += count[k];
			}
			cr_expect_eq(met, s.batches * setup.batch * setup.ranks,
				     "case %zu: %u samples", i, met);
		}
		sampler_clear(&s);
	}
}

/* The place of each position, in one number. */
static uint64_t order_of(const struct sampler_setup *setup, uint64_t epoch,
			 uint64_t at[MANY])
{
	struct sampler_place place;
	struct sampler s;

	cr_assert_eq(sampler_init(&s, setup), 0);
	cr_assert_eq(sampler_begin(&s, epoch), 0);
	for (uint64_t p = 0; p < s.pieces; p++) {
		cr_assert(sampler_place(&s, p, 0, &place));
		at[p] = place.file * setup->samples_per_file + place.sample;
	}
	sampler_clear(&s);
	return s.pieces;
}

Test(sampler, shuffles_by_seed_and_epoch_and_strictly_not_at_all)
{
	static const struct {
		bool files, samples, reseed, strict;
		bool shuffled, anew;
	} cases[] = {
		{ false, false, true, false, false, false },
		{ true, false, true, false, true, true },
		{ false, true, true, false, true, true },
		{ true, true, false, false, true, false },
		{ true, true, true, true, false, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct sampler_setup setup = {
			.files = 40,
			.samples_per_file = 5,
			.batch = 1,
			.ranks = 1,
			.seed = 123,
			.shuffle_files = cases[i].files,
			.shuffle_samples = cases[i].samples,
			.reseed = cases[i].reseed,
			.strict = cases[i].strict,
		};
		uint64_t first[MANY], again[MANY], second[MANY], n;
		bool shuffled = false, anew;

		n = order_of(&setup, 1, first);
		cr_assert_eq(n, 200);
		order_of(&setup, 1, again);
		order_of(&setup, 2, second);
		cr_expect_arr_eq(first, again, n * sizeof(*first));
		for (uint64_t k = 0; k < n; k++)
			shuffled |= first[k] != k;
		anew = memcmp(first, second, n * sizeof(*first)) != 0;
		cr_expect_eq(shuffled, cases[i].shuffled, "case %zu", i);
		cr_expect_eq(anew, cases[i].anew, "case %zu", i);
		if (cases[i].files && !cases[i].samples)
			for (uint64_t k = 0; k < n; k++)
				cr_expect_eq(first[k] % 5, k % 5,
					     "samples of a file stay in order");
	}
}

Test(sampler, needs_no_memory_for_a_sample)
{
	struct sampler_setup setup = { .files = 1000000,
				       .samples_per_file = 1000,
				       .batch = 400,
				       .ranks = 8,
				       .shuffle_samples = true };
	struct sampler_place place;
	struct sampler s;

	cr_assert_eq(sampler_init(&s, &setup), 0);
	cr_expect_eq(s.batches, 312500);
	cr_expect(sampler_place(&s, s.pieces - 1, 399, &place));
	cr_expect_null(s.order);
}

Test(sampler, gives_workers_what_their_loader_would)
{
	static const struct {
		enum sampler_order order;
		bool single;
		uint64_t files;
		unsigned rank, ranks, workers, worker;
		const char *want;
	} cases[] = {
		/* Batches in turn. */
		{ SAMPLER_INDEX, false, 4, 0, 1, 2, 0, "0#0 0#1 2#0 2#1 " },
		{ SAMPLER_INDEX, false, 4, 0, 1, 2, 1, "1#0 1#1 3#0 3#1 " },
		/* Samples in turn. */
		{ SAMPLER_INDEX, true, 3, 0, 1, 3, 1, "0#1 2#0 " },
		/* A part each; the first have one batch more. */
		{ SAMPLER_ITERATIVE, false, 5, 0, 1, 2, 0,
		  "0#0 0#1 1#0 1#1 2#0 2#1 " },
		{ SAMPLER_ITERATIVE, false, 5, 0, 1, 2, 1, "3#0 3#1 4#0 4#1 " },
		{ SAMPLER_ITERATIVE, false, 8, 1, 2, 2, 1, "6#0 6#1 7#0 7#1 " },
		/* Whole files of the rank's shard. */
		{ SAMPLER_RECORDS, false, 8, 1, 2, 2, 0, "1#0 1#1 5#0 5#1 " },
		{ SAMPLER_RECORDS, false, 8, 1, 2, 2, 1, "3#0 3#1 7#0 7#1 " },
		{ SAMPLER_RECORDS, false, 3, 0, 1, 2, 1, "1#0 1#1 " },
		/* Fewer files than ranks: all of them. */
		{ SAMPLER_RECORDS, false, 2, 1, 4, 1, 0, "" },
		{ SAMPLER_RECORDS, false, 3, 0, 1, 4, 3, "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct sampler_setup setup = {
			.order = cases[i].order,
			.single = cases[i].single,
			.files = cases[i].files,
			.samples_per_file = 2,
			.batch = 2,
			.rank = cases[i].rank,
			.ranks = cases[i].ranks,
			.workers = cases[i].workers,
		};
		struct sampler s;

		cr_assert_eq(sampler_init(&s, &setup), 0);
		cr_expect_str_eq(sampled_by(&s, cases[i].worker, s.piece),
				 cases[i].want, "case %zu: %s", i,
				 sampled_by(&s, cases[i].worker, s.piece));
	}
}

Test(sampler, reads_records_of_all_files_at_once_where_ranks_outnumber_them)
{
	const struct sampler_setup setup = { .order = SAMPLER_RECORDS,
					     .files = 2,
					     .samples_per_file = 60,
					     .batch = 5,
					     .rank = 1,
					     .ranks = 4,
					     .workers = 2 };
	struct sampler_place place;
	struct sampler s;

	cr_assert_eq(sampler_init(&s, &setup), 0);
	cr_expect_eq(s.batches, 6, "30 records for each rank");
	cr_expect_eq(s.per_batch, 20, "of which it keeps 5");
	cr_expect_eq(s.pieces, 120);
	cr_expect(sampler_place(&s, 7, 0, &place));
	cr_expect_eq(place.file, 1);
	cr_expect_eq(place.sample, 3);
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
