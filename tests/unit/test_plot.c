#include "app/plot.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static const struct plot known = { .left = 100,
				   .right = 400,
				   .top = 100,
				   .bottom = 400,
				   .first = 3,
				   .last = 6 };

Test(plot, decades_hold_the_smallest_and_the_largest)
{
	static const struct {
		uint64_t min, max;
		unsigned first, last;
	} cases[] = {
		{ 1000, 1000000, 3, 6 }, { 1001, 1000001, 3, 7 },
		{ 999, 999999, 2, 6 },	 { 10, 100000000000, 1, 11 },
		{ 0, 1000, 0, 3 },	 { 0, HIST_MAX, 0, 13 },
		{ 5000, 2000000, 3, 7 }, { 0, 0, 0, 3 },
		{ 1, 1, 0, 3 },		 { HIST_MAX, HIST_MAX, 11, 14 },
		{ 10000, 10000, 3, 6 },	 { 20000, 90000, 3, 6 },
		{ 20000, 900000, 4, 7 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct plot p = known;

		plot_fit(&p, cases[i].min, cases[i].max);
		cr_expect_eq(p.first, cases[i].first, "%zu: %u", i, p.first);
		cr_expect_eq(p.last, cases[i].last, "%zu: %u", i, p.last);
	}
}

Test(plot, decades_are_equally_wide)
{
	static const struct {
		double ns, x;
	} cases[] = {
		{ 1000, 100 },	  { 10000, 200 },    { 100000, 300 },
		{ 1000000, 400 }, { 2000, 130.103 }, { 50000, 269.897 },
		{ 999, 100 },	  { 0, 100 },	     { 1000001, 400 },
		{ 1e12, 400 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		cr_expect_float_eq(plot_x(&known, cases[i].ns), cases[i].x,
				   0.001, "%g: %g", cases[i].ns,
				   plot_x(&known, cases[i].ns));
}

/* The header's table. */
Test(plot, the_tail_is_stretched_as_promised)
{
	static const struct {
		double share, height;
	} cases[] = {
		{ 0, 0 },	{ 0.5, 0.25 },	 { 0.9, 0.51 },
		{ 0.99, 0.70 }, { 0.999, 0.84 }, { 1, 1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		double height = (400 - plot_y(&known, cases[i].share)) / 300;

		cr_expect_float_eq(height, cases[i].height, 0.005, "%g: %g",
				   cases[i].share, height);
	}
	cr_expect_float_eq(plot_y(&known, 0), 400, 1e-6);
	cr_expect_float_eq(plot_y(&known, 1), 100, 1e-6);
}

/* The caller frees it. */
static char *path_of(const struct plot *p, const struct hist *h)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	plot_path(p, h, out);
	fclose(out);
	return text;
}

Test(plot, paths_of_few_values_are_known)
{
	static const struct plot p = {
		.right = 300, .top = 50, .bottom = 150, .last = 3
	};
	static const struct {
		uint64_t values[4];
		const char *path;
	} cases[] = {
		{ { 0 }, "" },
		{ { 10 }, "M100.0 150.0L100.0 50.0" },
		{ { 1000 }, "M300.0 150.0L300.0 50.0" }, /* not 992 */
		/* Bucket [10, 11), level, then [992, 1008) to the maximum. */
		{ { 10, 1000 },
		  "M100.0 150.0L104.1 125.5L299.7 125.5L300.0 50.0" },
		/* Neighbours need no level part in between. */
		{ { 10, 11 }, "M100.0 150.0L104.1 125.5L104.1 50.0" },
		{ { 5000, 6000 },
		  "M300.0 150.0L300.0 125.5L300.0 125.5L300.0 50.0" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct hist h = { 0 };
		char *path;

		for (size_t j = 0; cases[i].values[j]; j++)
			hist_add(&h, cases[i].values[j]);
		path = path_of(&p, &h);
		cr_expect_str_eq(path, cases[i].path, "case %zu: %s", i, path);
		free(path);
	}
}

/* x of the path at the height y; -1 if it goes back on its way there. */
static double cross(const char *path, double y)
{
	double x0 = 0, y0 = 0, x1, y1;
	int used;

	for (; sscanf(path, "%*c%lf %lf%n", &x1, &y1, &used) == 2;
	     path += used) {
		if (x1 < x0 || (x0 > 0 && y1 > y0))
			return -1;
		if (y1 <= y)
			return x1;
		x0 = x1;
		y0 = y1;
	}
	return -1;
}

Test(plot, curves_pass_through_the_percentiles)
{
	static const double shares[] = {
		0.01, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999
	};
	static struct hist h;
	struct plot p = known;
	uint64_t state = 1;
	char *path;

	for (int i = 0; i < 100000; i++) {
		state = state * 6364136223846793005u + 1442695040888963407u;
		hist_add(&h,
			 (uint64_t)(2000 * exp((double)(state >> 40) / 5e6)));
	}
	plot_fit(&p, hist_min(&h), hist_max(&h));
	path = path_of(&p, &h);
	for (size_t i = 0; i < ARRAY_SIZE(shares); i++) {
		double ns = (double)hist_percentile(&h, shares[i]);
		double x = cross(path, plot_y(&p, shares[i]));

		/* A bucket is log10(33/32) of a decade: 1.3 px. */
		cr_expect_float_eq(x, plot_x(&p, ns), 1.5, "%g: %g, not %g",
				   shares[i], x, plot_x(&p, ns));
	}
	free(path);
}

Test(plot, points_are_spread_no_more_than_need_be)
{
	static const struct {
		size_t n;
		double x[3], want[3];
	} cases[] = {
		{ 0, { 0 }, { 0 } },
		{ 1, { 50 }, { 50 } },
		{ 1, { 0 }, { 10 } },
		{ 1, { 200 }, { 190 } },
		{ 2, { 50, 90 }, { 50, 90 } },
		{ 2, { 50, 60 }, { 45, 65 } },
		{ 2, { 12, 12 }, { 10, 30 } },
		{ 2, { 0, 0 }, { 10, 30 } },
		{ 3, { 100, 100, 100 }, { 80, 100, 120 } },
		{ 3, { 20, 100, 110 }, { 20, 95, 115 } },
		{ 3, { 10, 10, 10 }, { 10, 30, 50 } },
		{ 3, { 190, 190, 190 }, { 150, 170, 190 } },
		{ 3, { 10, 180, 190 }, { 10, 170, 190 } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		double x[3];

		memcpy(x, cases[i].x, sizeof(x));
		plot_spread(x, cases[i].n, 20, 10, 190);
		for (size_t j = 0; j < cases[i].n; j++)
			cr_expect_float_eq(x[j], cases[i].want[j], 0.01,
					   "case %zu: %g", i, x[j]);
	}
}
