#include "train/compute.h"

#include "base/clock.h"

#include <criterion/criterion.h>
#include <math.h>

#define DRAWS 20000

/* Mean and standard deviation of |draws|, in seconds. */
static void moments(const struct config_time *time, double *mean, double *stdev)
{
	double sum = 0, squares = 0;
	struct compute c;

	compute_init(&c, time, 42);
	for (int i = 0; i < DRAWS; i++) {
		double x = (double)compute_draw(&c) / 1e9;

		sum += x;
		squares += x * x;
	}
	*mean = sum / DRAWS;
	*stdev = sqrt(fmax(squares / DRAWS - *mean * *mean, 0));
}

Test(compute, draws_each_distribution_with_its_mean_and_spread)
{
	/* Means and deviations by the textbook; of |N(0,1)|: sqrt(2/pi) and
	 * sqrt(1 - 2/pi). */
	static const struct {
		const char *name;
		struct config_time time;
		double mean, stdev;
	} cases[] = {
		{ "none", { CONFIG_TIME_NONE, 7, 7 }, 0, 0 },
		{ "constant", { CONFIG_TIME_CONSTANT, 0.323, 0 }, 0.323, 0 },
		{ "negative", { CONFIG_TIME_CONSTANT, -1, 0 }, 1, 0 },
		{ "normal", { CONFIG_TIME_NORMAL, 1, 0.1 }, 1, 0.1 },
		{ "normal 0", { CONFIG_TIME_NORMAL, 0, 1 }, 0.7979, 0.6028 },
		{ "uniform", { CONFIG_TIME_UNIFORM, 1, 2 }, 1.5, 0.2887 },
		{ "gamma", { CONFIG_TIME_GAMMA, 2, 0.5 }, 1, 0.7071 },
		{ "exponential", { CONFIG_TIME_EXPONENTIAL, 0.5, 0 }, 0.5, 0.5 },
		{ "poisson", { CONFIG_TIME_POISSON, 4, 0 }, 4, 2 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		double mean, stdev;

		moments(&cases[i].time, &mean, &stdev);
		cr_expect_float_eq(mean, cases[i].mean,
				   0.02 + 0.02 * cases[i].mean, "%s: mean %f",
				   cases[i].name, mean);
		cr_expect_float_eq(stdev, cases[i].stdev, 0.05,
				   "%s: deviation %f", cases[i].name, stdev);
	}
}

Test(compute, draws_the_same_from_the_same_seed_and_else_others)
{
	struct config_time time = { CONFIG_TIME_NORMAL, 1, 0.5 };
	struct compute a, b, other;

	compute_init(&a, &time, 1);
	compute_init(&b, &time, 1);
	compute_init(&other, &time, 2);
	for (int i = 0; i < 10; i++) {
		uint64_t ns = compute_draw(&a);

		cr_expect_eq(compute_draw(&b), ns);
		cr_expect_neq(compute_draw(&other), ns);
	}
}

Test(compute, takes_numbers_that_are_none_for_no_time)
{
	struct config_time time = { CONFIG_TIME_CONSTANT, NAN, 0 };
	struct compute c;

	compute_init(&c, &time, 1);
	cr_expect_eq(compute_draw(&c), 0);
	c.time.a = INFINITY;
	cr_expect_eq(compute_draw(&c), COMPUTE_MAX_NS);
}

Test(compute, is_busy_from_the_given_moment)
{
	struct config_time time = { CONFIG_TIME_CONSTANT, 60.1, 0 };
	uint64_t now_ns = clock_ns(), from_ns = now_ns - 60 * NS_PER_SEC;
	uint64_t end_ns;
	struct compute c;

	/* Most of it is over: 0.1 s are left. */
	compute_init(&c, &time, 1);
	end_ns = compute_run(&c, from_ns, NULL);
	cr_expect_geq(end_ns, from_ns + 60 * NS_PER_SEC + NS_PER_SEC / 10);
	cr_expect_lt(end_ns, now_ns + 30 * NS_PER_SEC);

	/* Long over: nothing to wait for. */
	now_ns = clock_ns();
	end_ns = compute_run(&c, 0, NULL);
	cr_expect_geq(end_ns, now_ns);
	cr_expect_lt(end_ns, now_ns + 30 * NS_PER_SEC);
}

Test(compute, ends_early_when_stopped, .timeout = 60)
{
	struct config_time time = { CONFIG_TIME_CONSTANT, 1e9, 0 };
	atomic_bool stop = true;
	struct compute c;

	compute_init(&c, &time, 1);
	compute_run(&c, clock_ns(), &stop);
}
