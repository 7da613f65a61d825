/* Every figure is computed by hand, here or by DLIO itself from the same
 * times. */
#include "train/metrics.h"

#include <criterion/criterion.h>
#include <math.h>

#define MS ((uint64_t)1000000)

/* Five steps of 20 ms computation; loading takes 80 ms in the first and 5 ms
 * in the others.  The block lasts 250 ms: 200 of steps, 50 of barriers. */
static const uint64_t compute[] = { 20 * MS, 20 * MS, 20 * MS, 20 * MS,
				    20 * MS };
static const uint64_t proc[] = { 100 * MS, 25 * MS, 25 * MS, 25 * MS, 25 * MS };
static const struct metrics_block five = { compute, proc, 5, 250 * MS };

static void expect_near(double got, double want, const char *what)
{
	cr_expect(fabs(got - want) <= 1e-9 * MAX(1, fabs(want)),
		  "%s: got %.12g, want %.12g", what, got, want);
}

Test(metrics, au_and_throughput_count_only_the_window)
{
	static const struct {
		const char *name;
		uint64_t expected, start, end;
		double au, throughput, strict;
	} cases[] = {
		/* 4 * 20 / (250 - 100); 4 * 7 / 0.15; 3 * 7 / 0.15 */
		{ "DLIO's defaults", 5, 1, 0, 80 / 1.5, 28 / 0.15, 21 / 0.15 },
		/* 5 * 20 / 250 */
		{ "no exclusion", 5, 0, 0, 40, 35 / 0.25, 21 / 0.25 },
		/* 3 * 20 / (250 - 100 - 25): here DLIO's -2 is right */
		{ "both ends", 5, 1, 1, 48, 21 / 0.125, 21 / 0.125 },
		/* 2 * 20 / (250 - 100 - 25 - 25) */
		{ "more at the end", 5, 1, 2, 40, 14 / 0.1, 21 / 0.1 },
		/* The epoch is longer than this block: nothing at the end. */
		{ "first block of two", 10, 1, 2, 80 / 1.5, 28 / 0.15,
		  21 / 0.15 },
		/* All but the last excluded: 250 - 100 - 3 * 25 */
		{ "one step left", 5, 4, 0, 2 / 0.075, 7 / 0.075, 21 / 0.075 },
		{ "all excluded", 5, 5, 0, 0, 0, 21 / 0.05 },
		{ "more excluded than there are", 5, 9, 9, 0, 0, 21 / 0.05 },
		{ "exclusions meet", 5, 3, 2, 0, 0, 21 / 0.05 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct metrics_window w = { cases[i].expected, cases[i].start,
					    cases[i].end };

		expect_near(metrics_au(&five, &w), cases[i].au, cases[i].name);
		expect_near(metrics_throughput(&five, &w, 7),
			    cases[i].throughput, cases[i].name);
		expect_near(metrics_throughput_strict(&five, &w, 7),
			    cases[i].strict, cases[i].name);
	}
}

Test(metrics, throughput_of_short_blocks_is_never_negative_unless_strict)
{
	/* W is what the steps take and 10 ms more. */
	static const struct {
		size_t n;
		double sane, strict;
	} cases[] = {
		{ 0, 0, -2 / 0.01 * 4 },
		{ 1, 0, -1 / 0.01 * 4 },
		{ 2, 1 / 0.035 * 4, 0 },
		{ 3, 2 / 0.06 * 4, 1 / 0.06 * 4 },
	};
	static const struct metrics_window w = { 5, 1, 0 };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct metrics_block b = { compute, proc, cases[i].n, 10 * MS };

		for (size_t k = 0; k < b.n; k++)
			b.wall_ns += proc[k];
		expect_near(metrics_throughput(&b, &w, 4), cases[i].sane,
			    "sane");
		expect_near(metrics_throughput_strict(&b, &w, 4),
			    cases[i].strict, "strict");
	}
}

Test(metrics, no_time_gives_zero_and_not_infinity)
{
	static const struct metrics_window w = { 5, 1, 0 };
	struct metrics_block b = { compute, proc, 5, 100 * MS };

	/* T = 100 - 100 - 4 * 0 */
	expect_near(metrics_au(&b, &w), 0, "AU");
	expect_near(metrics_throughput(&b, &w, 4), 0, "throughput");

	/* Shorter than its parts: a mistake, but not 2^64 ns. */
	b.wall_ns = 50 * MS;
	expect_near(metrics_au(&b, &w), 0, "AU");
	expect_near(metrics_throughput(&b, &w, 4), 0, "throughput");
	b.wall_ns = 0;
	expect_near(metrics_throughput_eval(&b, 4), 0, "evaluation");
	expect_near(metrics_gb_per_second(1, 0), 0, "checkpoint");
}

Test(metrics, evaluation_counts_every_step_for_throughput)
{
	/* 5 steps * 3 samples / 0.25 s */
	expect_near(metrics_throughput_eval(&five, 3), 60, "evaluation");
}

Test(metrics, blocks_weigh_what_their_steps_are)
{
	static const double values[] = { 90, 60, -INFINITY };
	static const uint64_t steps[] = { 3, 1, 0 };

	/* (90 * 3 + 60 * 1) / 4 */
	expect_near(metrics_weighted_mean(values, steps, 3), 82.5, "mean");
	expect_near(metrics_weighted_mean(values, steps + 2, 1), 0, "none");
}

Test(metrics, stdev_is_of_the_population)
{
	static const double values[] = { 2, 4, 4, 4, 5, 5, 7, 9 };
	struct metrics_spread s = metrics_spread(values, 8);

	expect_near(s.mean, 5, "mean");
	expect_near(s.stdev, 2, "stdev"); /* sqrt(32 / 8) */

	s = metrics_spread(values, 1);
	expect_near(s.stdev, 0, "stdev of one");
	s = metrics_spread(values, 0);
	cr_expect(isnan(s.mean) && isnan(s.stdev), "of nothing");
}

Test(metrics, computation_time_is_that_of_the_window)
{
	static const uint64_t times[] = { 900 * MS, 10 * MS, 30 * MS };
	struct metrics_block b = { times, times, 3, 1000 * MS };
	struct metrics_window w = { 3, 1, 0 };
	struct metrics_spread s = metrics_compute_seconds(&b, &w);

	expect_near(s.mean, 0.02, "mean");
	expect_near(s.stdev, 0.01, "stdev");
	w.exclude_start = 3;
	s = metrics_compute_seconds(&b, &w);
	cr_expect(isnan(s.mean) && isnan(s.stdev), "of nothing");
}

Test(metrics, au_meets_its_expectation_when_it_equals_it)
{
	cr_expect(metrics_au_met(90, 0.9));
	cr_expect(metrics_au_met(90.01, 0.9));
	cr_expect_not(metrics_au_met(89.99, 0.9));
	cr_expect_not(metrics_au_met(NAN, 0.9));
}

/* Two runs of DLIO: 16 files of 65536 bytes, figures whole; and 64 files of
 * 4096 bytes, figures as printed. */
Test(metrics, runs_of_dlio_come_out_the_same)
{
	static const double au[] = { 90.70850469382059, 92.01714922187584 };
	static const double rate[] = { 77.17991701092107, 78.29722414082772 };
	struct metrics_spread s = metrics_spread(au, 2);

	expect_near(s.mean, 91.36282695784821, "AU");
	expect_near(s.stdev, 0.6543222640276269, "AU");
	s = metrics_spread(rate, 2);
	expect_near(s.mean, 77.7385705758744, "throughput");
	expect_near(s.stdev, 0.5586535649533246, "throughput");
	expect_near(metrics_mb_per_second(s.mean, 65536), 4.85866066099215,
		    "MB/s");
	expect_near(metrics_mb_per_second(s.stdev, 65536), 0.03491584780958279,
		    "MB/s");
	expect_near(metrics_host_data_gb(1, 1, 1, 16, 65536), 0.0009765625,
		    "GB per host");
	/* 10240 bytes in 0.757 ms */
	expect_near(metrics_gb_per_second(10240, 757000), 0.012598075513953104,
		    "GB/s");

	cr_expect_float_eq(metrics_host_data_gb(2, 2, 1, 64, 4096), 0.000244,
			   5e-7);
	cr_expect_float_eq(metrics_gb_per_second(10240, 1169000), 0.008158,
			   5e-7);
}

Test(metrics, a_host_consumes_its_ranks_share)
{
	/* 3 of 8 ranks, 2 samples in each of 5 files: 30 / 8 = 3.75 -> 3 */
	expect_near(metrics_host_data_gb(3, 8, 2, 5, GIB), 3, "share");
	/* No overflow: 2^40 samples of a byte */
	expect_near(metrics_host_data_gb(1, 1, KIB * MIB, KIB, 1), KIB, "big");
}
