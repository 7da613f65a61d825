#include "base/hist.h"

#include <criterion/criterion.h>
#include <string.h>

/* xorshift64 (Marsaglia 2003): plenty for choosing cases. */
static uint64_t random_u64(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Uniform in its logarithm: as many of nanoseconds as of minutes. */
static uint64_t random_duration(uint64_t *state)
{
	return (random_u64(state) & HIST_MAX) >>
	       (random_u64(state) % HIST_MAX_BITS);
}

static uint64_t distance(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

/* |reported - value| / value <= 1 / (2 * HIST_SUB), without rounding. */
static bool within_bound(uint64_t reported, uint64_t value)
{
	return distance(reported, value) * 2 * HIST_SUB <= value;
}

/* What is reported for a value in the middle of a crowd. */
static uint64_t reported(uint64_t value)
{
	static struct hist h;

	memset(&h, 0, sizeof(h));
	hist_add(&h, 0);
	hist_add(&h, value);
	hist_add(&h, HIST_MAX);
	return hist_percentile(&h, 0.5);
}

Test(hist, buckets_tile_all_values_without_gap_or_overlap)
{
	uint64_t expected_low = 0;

	for (unsigned i = 0; i < HIST_BUCKETS; i++) {
		uint64_t low, high;

		hist_bounds(i, &low, &high);
		cr_assert_eq(low, expected_low, "bucket %u", i);
		cr_assert_gt(high, low, "bucket %u", i);
		cr_assert_eq(hist_bucket(low), i, "low of %u", i);
		cr_assert_eq(hist_bucket(high - 1), i, "high of %u", i);
		expected_low = high;
	}
	cr_expect_eq(expected_low, HIST_MAX + 1);
}

Test(hist, reports_values_at_every_boundary_within_the_bound)
{
	for (unsigned i = 0; i < HIST_BUCKETS; i++) {
		uint64_t low, high;

		hist_bounds(i, &low, &high);
		cr_assert(within_bound(reported(low), low), "%lu", low);
		cr_assert(within_bound(reported(high - 1), high - 1), "%lu",
			  high - 1);
	}
}

Test(hist, reports_any_value_within_the_bound)
{
	uint64_t state = 1;

	for (int i = 0; i < 20000; i++) {
		uint64_t value = random_duration(&state);
		uint64_t got = reported(value);

		cr_assert(within_bound(got, value), "%lu reported as %lu",
			  value, got);
	}
}

Test(hist, finds_the_bucket_that_encloses_any_value)
{
	uint64_t state = 2;

	for (int i = 0; i < 1000000; i++) {
		uint64_t value = random_duration(&state);
		uint64_t low, high;

		hist_bounds(hist_bucket(value), &low, &high);
		cr_assert(low <= value && value < high, "%lu", value);
		cr_assert_leq((high - low) * HIST_SUB, MAX(low, HIST_SUB),
			      "%lu", value);
	}
}

Test(hist, reports_small_values_exactly)
{
	for (uint64_t value = 0; value < 2 * HIST_SUB; value++)
		cr_expect_eq(reported(value), value, "%lu", value);
}

static int ascending(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

Test(hist, percentiles_agree_with_a_sorted_list)
{
	enum { N = 10000 };
	/* Shares as parts of N, so that the rank is exact. */
	static const unsigned parts[] = { 1,	10,   100,  700,  2500, 5000,
					  7500, 9000, 9900, 9990, 9999, 10000 };
	static struct hist h;
	static uint64_t values[N];
	uint64_t state = 3;

	for (int i = 0; i < N; i++) {
		values[i] = random_duration(&state);
		hist_add(&h, values[i]);
	}
	qsort(values, N, sizeof(values[0]), ascending);

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		uint64_t exact = values[parts[i] - 1];
		uint64_t got = hist_percentile(&h, (double)parts[i] / N);

		cr_expect(within_bound(got, exact), "%u of %d: %lu, not %lu",
			  parts[i], N, got, exact);
	}
}

Test(hist, a_share_that_is_no_binary_fraction_keeps_its_rank)
{
	static struct hist h;

	for (uint64_t value = 1; value <= 60; value++)
		hist_add(&h, value);
	for (unsigned rank = 1; rank <= 60; rank++)
		cr_expect_eq(hist_percentile(&h, rank / 60.0), rank, "%u",
			     rank);

	memset(&h, 0, sizeof(h));
	for (uint64_t i = 0; i < 100; i++)
		hist_add(&h, i < 7 ? 1 : 2);
	cr_expect_eq(hist_percentile(&h, 0.07), 1);
	cr_expect_eq(hist_percentile(&h, 0.071), 2);
}

Test(hist, counts_sums_and_extremes_are_exact)
{
	static const uint64_t values[] = { 1000003, 77, 123456789, 77,
					   5000000001 };
	static struct hist h;
	uint64_t sum = 0;

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		hist_add(&h, values[i]);
		sum += values[i];
	}
	cr_expect_eq(hist_count(&h), 5);
	cr_expect_eq(hist_sum(&h), sum);
	cr_expect_eq(hist_min(&h), 77);
	cr_expect_eq(hist_max(&h), 5000000001);
	cr_expect_eq(hist_mean(&h), (double)sum / 5);
}

Test(hist, the_first_and_the_last_value_are_reported_exactly)
{
	for (unsigned i = 0; i < HIST_BUCKETS; i++) {
		static struct hist h;
		uint64_t low, high;

		hist_bounds(i, &low, &high);
		memset(&h, 0, sizeof(h));
		hist_add(&h, low);
		hist_add(&h, high - 1);
		cr_assert_eq(hist_percentile(&h, 0), low, "%u", i);
		cr_assert_eq(hist_percentile(&h, 1), high - 1, "%u", i);
	}
}

Test(hist, no_percentile_is_outside_the_extremes)
{
	static struct hist h;

	/* All in one bucket, whose middle is neither of them. */
	for (int i = 0; i < 3; i++)
		hist_add(&h, 1000000);
	for (double q = 0; q <= 1; q += 0.125)
		cr_expect_eq(hist_percentile(&h, q), 1000000, "%g", q);
}

Test(hist, an_empty_histogram_is_all_zeros)
{
	static const struct hist h;

	cr_expect_eq(hist_count(&h), 0);
	cr_expect_eq(hist_sum(&h), 0);
	cr_expect_eq(hist_min(&h), 0);
	cr_expect_eq(hist_max(&h), 0);
	cr_expect_eq(hist_mean(&h), 0);
	cr_expect_eq(hist_percentile(&h, 0), 0);
	cr_expect_eq(hist_percentile(&h, 0.5), 0);
	cr_expect_eq(hist_percentile(&h, 1), 0);
}

Test(hist, a_value_too_large_counts_as_the_largest)
{
	static struct hist h;

	hist_add(&h, HIST_MAX + 1);
	hist_add(&h, UINT64_MAX);
	cr_expect_eq(hist_count(&h), 2);
	cr_expect_eq(hist_min(&h), HIST_MAX);
	cr_expect_eq(hist_max(&h), HIST_MAX);
	cr_expect_eq(hist_sum(&h), 2 * HIST_MAX);
}

Test(hist, zero_is_a_value_like_any_other)
{
	static struct hist h;

	hist_add(&h, 0);
	hist_add(&h, 9);
	cr_expect_eq(hist_min(&h), 0);
	cr_expect_eq(hist_max(&h), 9);
	cr_expect_eq(hist_percentile(&h, 0.5), 0);
}

Test(hist, merging_is_as_if_all_values_had_been_added_to_one)
{
	static struct hist parts[3], merged, whole;
	uint64_t state = 4;

	for (int i = 0; i < 3000; i++) {
		uint64_t value = random_duration(&state);

		hist_add(&parts[i % 2], value); /* the third stays empty */
		hist_add(&whole, value);
	}
	for (int i = 0; i < 3; i++)
		hist_merge(&merged, &parts[i]);
	cr_expect_arr_eq(&merged, &whole, sizeof(whole));
}
