#include "data/noise.h"
#include "base/rng.h"

#include <criterion/criterion.h>

#include <math.h>
#include <string.h>

#define WORDS ((size_t)4096)

/* Numbers of a seed, in buf, and the bits they were made from. */
static void both(enum noise_kind kind, uint64_t *bits, void *numbers)
{
	struct noise a, b;

	noise_seed(&a, 99);
	b = a;
	noise_fill(&a, NOISE_BITS, bits, 8 * WORDS);
	noise_fill(&b, kind, numbers, 8 * WORDS);
}

static uint64_t little(const void *p, size_t size)
{
	const unsigned char *byte = p;
	uint64_t value = 0;

	while (size-- > 0)
		value = value << 8 | byte[size];
	return value;
}

Test(noise, is_eight_xoshiros_in_turn)
{
	AUTO_FREE unsigned char *buf = malloc(8 * WORDS);
	struct noise n;

	noise_seed(&n, 5);
	for (size_t lane = 0; lane < NOISE_LANES; lane++) {
		struct noise copy = n;
		struct rng g = { .s = { n.s[0][lane], n.s[1][lane],
					n.s[2][lane], n.s[3][lane] } };

		noise_fill(&copy, NOISE_BITS, buf, 8 * WORDS);
		for (size_t i = lane; i < WORDS; i += NOISE_LANES)
			cr_assert_eq(little(buf + 8 * i, 8), rng_u64(&g),
				     "lane %zu word %zu", lane, i);
	}
}

Test(noise, goes_on_where_it_stopped_at_any_alignment)
{
	AUTO_FREE unsigned char *whole = malloc(8 * WORDS);
	AUTO_FREE unsigned char *parts = malloc(8 * WORDS + 3);
	struct noise a, b;
	size_t at = 0;

	noise_seed(&a, 6);
	b = a;
	noise_fill(&a, NOISE_FLOATS, whole, 8 * WORDS);
	for (size_t len = 0; at < 8 * WORDS; len += NOISE_STEP) {
		size_t n = MIN(len, 8 * WORDS - at);

		noise_fill(&b, NOISE_FLOATS, parts + 3 + at, n);
		at += n;
	}
	cr_expect_eq(memcmp(whole, parts + 3, 8 * WORDS), 0);
	cr_expect_eq(memcmp(&a, &b, sizeof(a)), 0);
}

Test(noise, bools_are_the_lowest_bits_of_bytes)
{
	AUTO_FREE uint64_t *bits = malloc(8 * WORDS);
	AUTO_FREE unsigned char *out = malloc(8 * WORDS);

	both(NOISE_BOOLS, bits, out);
	for (size_t i = 0; i < 8 * WORDS; i++)
		cr_assert_eq(out[i], ((unsigned char *)bits)[i] & 1);
}

/* What a float16 is worth, by IEEE 754. */
static double half_value(uint64_t half)
{
	int exponent = (int)(half >> 10 & 31);
	double fraction = (double)(half & 1023) / 1024;
	double value = exponent ? ldexp(1 + fraction, exponent - 15) :
				  ldexp(fraction, -14);

	cr_assert_neq(exponent, 31);
	return half >> 15 ? -value : value;
}

Test(noise, halves_are_multiples_of_two_to_minus_eleven)
{
	AUTO_FREE unsigned char *bits = malloc(8 * WORDS);
	AUTO_FREE unsigned char *out = malloc(8 * WORDS);
	bool seen[2048] = { false };
	size_t kinds = 0;

	both(NOISE_HALVES, (uint64_t *)(void *)bits, out);
	for (size_t i = 0; i < 2 * WORDS; i++) {
		uint64_t word = little(bits + 4 * i, 4);
		double low = half_value(little(out + 4 * i, 2));
		double high = half_value(little(out + 4 * i + 2, 2));

		cr_assert_eq(low, (double)(word & 2047) / 2048);
		cr_assert_eq(high, (double)(word >> 21) / 2048);
		seen[(int)(low * 2048)] = true;
	}
	for (size_t i = 0; i < 2048; i++)
		kinds += seen[i];
	cr_expect_gt(kinds, 1900); /* 8192 draws miss 2 % of 2048 */
}

Test(noise, floats_are_multiples_of_two_to_minus_twentyfour)
{
	AUTO_FREE unsigned char *bits = malloc(8 * WORDS);
	AUTO_FREE unsigned char *out = malloc(8 * WORDS);

	both(NOISE_FLOATS, (uint64_t *)(void *)bits, out);
	for (size_t i = 0; i < 2 * WORDS; i++) {
		uint32_t raw = (uint32_t)little(out + 4 * i, 4);
		float f;

		memcpy(&f, &raw, 4);
		cr_assert_eq((double)f,
			     ldexp((double)(little(bits + 4 * i, 4) >> 8),
				   -24));
	}
}

Test(noise, doubles_are_multiples_of_two_to_minus_fiftytwo)
{
	AUTO_FREE unsigned char *bits = malloc(8 * WORDS);
	AUTO_FREE unsigned char *out = malloc(8 * WORDS);

	both(NOISE_DOUBLES, (uint64_t *)(void *)bits, out);
	for (size_t i = 0; i < WORDS; i++) {
		uint64_t raw = little(out + 8 * i, 8);
		double d;

		memcpy(&d, &raw, 8);
		cr_assert_eq(d, ldexp((double)(little(bits + 8 * i, 8) >> 12),
				      -52));
	}
}
