#include "train/herald.h"

#include <criterion/criterion.h>
#include <string.h>

/* What was announced, with '|' where reading a row began. */
static char said[65536];

static void announce(void *arg, const char *const *names, size_t n)
{
	(void)arg;
	cr_expect_leq(n, HERALD_AT_ONCE);
	cr_expect_gt(n, 0u);
	for (size_t i = 0; i < n; i++) {
		strcat(said, names[i]);
		strcat(said, " ");
	}
}

static void name(void *arg, uint64_t file, char out[HERALD_NAME_SIZE])
{
	(void)arg;
	snprintf(out, HERALD_NAME_SIZE, "%lu", file);
}

static const struct herald_setup listened = { .announce = announce,
					      .name = name };

static struct sampler sampler;

static void begin(struct herald *h, const struct herald_setup *setup,
		  const struct sampler_setup *samples, uint64_t slots)
{
	said[0] = '\0';
	cr_assert_eq(sampler_init(&sampler, samples), 0);
	cr_assert_eq(herald_init(h, setup, &sampler, slots), 0);
}

/* As the first worker of a loader does. */
static void read_pass(struct herald *h)
{
	for (uint64_t p = 0; p < sampler.pieces; p++)
		if (sampler_worker(&sampler, p) == 0)
			herald_reading(h, p);
}

Test(herald, names_are_in_the_order_in_which_workers_come_to_them)
{
	static const struct {
		uint64_t files, samples, batch;
		unsigned workers, rank, ranks;
		const char *want;
		enum sampler_order order;
	} cases[] = {
		{ 6, 1, 1, 1, 0, 1, "0 1 2 3 4 5 ", SAMPLER_INDEX },
		{ 6, 1, 3, 1, 0, 1, "0 1 2 3 4 5 ", SAMPLER_INDEX },
		{ 6, 1, 3, 2, 0, 1, "0 3 1 4 2 5 ", SAMPLER_INDEX },
		{ 8, 1, 2, 2, 0, 1, "0 2 1 3 4 6 5 7 ", SAMPLER_INDEX },
		{ 8, 1, 2, 3, 0, 1, "0 2 4 1 3 5 6 7 ", SAMPLER_INDEX },
		{ 8, 1, 2, 2, 1, 2, "4 6 5 7 ", SAMPLER_INDEX },
		{ 3, 4, 4, 1, 0, 1, "0 1 2 ", SAMPLER_INDEX },
		{ 2, 4, 2, 2, 0, 1, "0 0 1 1 ",
		  SAMPLER_INDEX }, /* opened by each */
		{ 2, 3, 6, 1, 0, 1, "0 1 ", SAMPLER_INDEX },
		/* Each worker has its part, or its files. */
		{ 8, 1, 2, 2, 0, 1, "0 4 1 5 2 6 3 7 ", SAMPLER_ITERATIVE },
		{ 5, 3, 3, 2, 0, 1, "0 1 2 3 4 ", SAMPLER_RECORDS },
		{ 6, 2, 2, 2, 1, 2, "1 3 5 ", SAMPLER_RECORDS },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct sampler_setup samples = {
			.files = cases[i].files,
			.samples_per_file = cases[i].samples,
			.batch = cases[i].batch,
			.rank = cases[i].rank,
			.ranks = cases[i].ranks,
			.workers = cases[i].workers,
			.order = cases[i].order,
		};
		struct herald h;

		begin(&h, &listened, &samples, 2);
		read_pass(&h);
		cr_expect_str_eq(said, cases[i].want, "row %zu: %s", i, said);
		herald_clear(&h);
	}
}

/* The number of names said so far. */
static size_t names(void)
{
	size_t n = 0;

	for (const char *p = said; *p; p++)
		n += *p == ' ';
	return n;
}

Test(herald, so_much_is_said_ahead_and_no_more)
{
	static const struct {
		unsigned workers;
		uint64_t slots, batch;
	} cases[] = { { 1, 2, 1 }, { 4, 8, 1 }, { 4, 8, 100 }, { 1, 1, 1000 } };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct sampler_setup samples = {
			.files = 6000,
			.samples_per_file = 1,
			.batch = cases[i].batch,
			.ranks = 1,
			.workers = cases[i].workers,
		};
		uint64_t row = cases[i].workers * cases[i].batch;
		struct herald h;

		begin(&h, &listened, &samples, cases[i].slots);
		for (uint64_t b = 0; b < sampler.pieces;
		     b += cases[i].workers) {
			uint64_t reading =
				(b + cases[i].slots) * cases[i].batch;

			herald_reading(&h, b);
			cr_assert_geq(names() + row,
				      MIN(reading + HERALD_FILES,
					  samples.files),
				      "row %zu, batch %lu", i, b);
			cr_assert_leq(names(), reading + HERALD_FILES + 2 * row,
				      "row %zu, batch %lu", i, b);
			said[0] = '\0';
			for (size_t k = 0; k < h.told * cases[i].batch; k++)
				strcat(said + k, " ");
		}
		cr_expect_eq(names(), sampler.pieces * cases[i].batch);
		herald_clear(&h);
	}
}

Test(herald, each_pass_is_said_or_the_first_ones_or_a_part_or_none)
{
	static const struct {
		uint64_t passes, pieces, want;
	} cases[] = { { 0, 0, 18 }, { 1, 0, 6 }, { 2, 0, 12 }, { 0, 2, 6 } };
	const struct sampler_setup samples = {
		.files = 6, .samples_per_file = 1, .batch = 1, .ranks = 1
	};
	struct herald h;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct herald_setup setup = listened;

		setup.passes = cases[i].passes;
		setup.pieces = cases[i].pieces;
		begin(&h, &setup, &samples, 1);
		for (int pass = 0; pass < 3; pass++)
			read_pass(&h);
		cr_expect_eq(names(), cases[i].want, "row %zu", i);
		herald_clear(&h);
	}
	begin(&h, &(struct herald_setup){ 0 }, &samples, 1);
	herald_reading(&h, 0);
	cr_expect_eq(names(), 0u);
	herald_clear(&h);
}
