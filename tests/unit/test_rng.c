#include "base/rng.h"

#include <criterion/criterion.h>

#include <math.h>

/* ---- NumPy's legacy generator ---- */

Test(rng, mt_gives_numpys_words)
{
	static const struct {
		uint32_t seed, want[4];
	} cases[] = {
		{ 10, { 3312796937, 1283169405, 89128932, 2124247567 } },
		{ 0, { 2357136044, 2546248239, 3071714933, 3626093760 } },
		{ 4294967295,
		  { 419326371, 479346978, 3918654476, 2416749639 } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct rng_mt g;

		rng_mt_seed(&g, cases[i].seed);
		for (size_t j = 0; j < 4; j++)
			cr_expect_eq(rng_mt_u32(&g), cases[i].want[j],
				     "seed %u word %zu", cases[i].seed, j);
	}
}

Test(rng, mt_gives_numpys_doubles)
{
	static const double first[] = { 0.771320643266746, 0.0207519493594015,
					0.6336482349262754 };
	static const double last[] = { 0.5441395433621551, 0.44314631723327513,
				       0.02570014744707827 };
	struct rng_mt g;

	rng_mt_seed(&g, 10);
	for (size_t i = 0; i < 3; i++)
		cr_expect_eq(rng_mt_double(&g), first[i], "%zu", i);
	/* Beyond the first refill. */
	for (size_t i = 3; i < 697; i++)
		rng_mt_double(&g);
	for (size_t i = 0; i < 3; i++)
		cr_expect_eq(rng_mt_double(&g), last[i], "%zu", i);
}

Test(rng, mt_gives_numpys_normals)
{
	static const double want[] = { 1.331586504129518, 0.7152789743984055,
				       -1.5454002921112682,
				       -0.008383849928522256 };
	struct rng_mt g;

	rng_mt_seed(&g, 10);
	for (size_t i = 0; i < 4; i++)
		cr_expect_eq(rng_mt_normal(&g), want[i], "%zu", i);
	for (size_t i = 4; i < 1000; i++)
		rng_mt_normal(&g);
	cr_expect_eq(rng_mt_normal(&g), 1.5132522260949561);
}

/* DLIO's seeded uint8 content: bytes low to high, 255 rejected. */
Test(rng, mt_words_make_numpys_bytes)
{
	static const unsigned want[] = { 9,   69, 117, 197, 125, 156,
					 123, 76, 228, 79,  5,	 15 };
	struct rng_mt g;
	size_t i = 0;

	rng_mt_seed(&g, 10);
	while (i < ARRAY_SIZE(want)) {
		uint32_t word = rng_mt_u32(&g);

		for (int k = 0; k < 4 && i < ARRAY_SIZE(want); k++) {
			unsigned byte = word >> 8 * k & 0xff;

			if (byte != 255)
				cr_expect_eq(byte, want[i++]);
		}
	}
}

Test(rng, mt_shuffles_as_numpy_does)
{
	static const char letters[] = "dhafcbeg";
	static const size_t digits[] = { 3, 7, 0, 5, 2, 1, 4, 6 };
	static const size_t many[] = { 80, 789, 869, 518, 794, 762, 896, 506 };
	size_t items[1000];
	struct rng_mt g;

	for (size_t i = 0; i < 8; i++)
		items[i] = (size_t) "abcdefgh"[i];
	rng_mt_seed(&g, 124);
	rng_mt_shuffle(&g, items, 8);
	for (size_t i = 0; i < 8; i++)
		cr_expect_eq(items[i], (size_t)letters[i], "letter %zu", i);

	/* The same generator goes on: DLIO shuffles twice. */
	for (size_t i = 0; i < 8; i++)
		items[i] = i;
	rng_mt_seed(&g, 124);
	rng_mt_shuffle(&g, items, 8);
	for (size_t i = 0; i < 8; i++)
		cr_expect_eq(items[i], digits[i], "digit %zu", i);

	for (size_t i = 0; i < 1000; i++)
		items[i] = i;
	rng_mt_seed(&g, 124);
	rng_mt_shuffle(&g, items, 1000);
	for (size_t i = 0; i < 8; i++)
		cr_expect_eq(items[i], many[i], "of 1000: %zu", i);
	cr_expect_eq(items[999], 462);
}

Test(rng, mt_shuffles_nothing_and_one_without_drawing)
{
	size_t one = 7;
	struct rng_mt g;

	rng_mt_seed(&g, 10);
	rng_mt_shuffle(&g, &one, 0);
	rng_mt_shuffle(&g, &one, 1);
	cr_expect_eq(one, 7);
	cr_expect_eq(rng_mt_u32(&g), 3312796937);
}

/* ---- ours ---- */

Test(rng, same_seed_same_numbers_and_other_seed_other_numbers)
{
	struct rng a, b, c;
	int same = 0;

	rng_seed(&a, 1);
	rng_seed(&b, 1);
	rng_seed(&c, 2);
	for (int i = 0; i < 100; i++) {
		uint64_t x = rng_u64(&a);

		cr_expect_eq(x, rng_u64(&b));
		same += x == rng_u64(&c);
	}
	cr_expect_eq(same, 0);
}

/* xoshiro256++ from the state { 1, 2, 3, 4 }, worked out by hand for the first
 * word: rotl(1 + 4, 23) + 1; splitmix64 from 0 as published. */
Test(rng, is_xoshiro_seeded_by_splitmix)
{
	struct rng g = { .s = { 1, 2, 3, 4 } };

	cr_expect_eq(rng_u64(&g), 41943041);
	cr_expect_eq(rng_u64(&g), 58720359);
	cr_expect_eq(rng_u64(&g), 3588806011781223);

	rng_seed(&g, 0);
	cr_expect_eq(g.s[0], 0xe220a8397b1dcdaf);
	cr_expect_eq(g.s[1], 0x6e789e6aa1b965f4);
	cr_expect_eq(g.s[2], 0x06c45d188009454f);
	cr_expect_eq(g.s[3], 0xf88bb8a8724c81ec);
}

/* What a distribution is asked for. */
struct moments {
	double mean, variance, min, max;
};

static double draw(struct rng *g, int which)
{
	switch (which) {
	case 0:
		return rng_double(g);
	case 1:
		return rng_normal(g, 5, 2);
	case 2:
		return rng_uniform(g, -3, 9);
	case 3:
		return rng_gamma(g, 9, 0.5);
	case 4:
		return rng_gamma(g, 0.3, 2);
	case 5:
		return rng_exponential(g, 0.25);
	case 6:
		return rng_poisson(g, 3);
	case 7:
		return rng_poisson(g, 9.9);
	case 8:
		return rng_poisson(g, 10);
	default:
		return rng_poisson(g, 4000);
	}
}

/* Mean and variance of 200 000 draws.  The error of a mean has the stdev
 * sqrt(variance / n); we allow five.  That of a variance depends on the
 * fourth moment: 6 % is ten stdevs for the widest case here, Gamma(0.3). */
Test(rng, distributions_have_their_mean_and_variance)
{
	static const struct moments want[] = {
		{ 0.5, 1.0 / 12, 0, 1 }, { 5, 4, -20, 30 },
		{ 3, 12, -3, 9 },	 { 4.5, 2.25, 0, 40 },
		{ 0.6, 1.2, 0, 60 },	 { 0.25, 0.0625, 0, 10 },
		{ 3, 3, 0, 30 },	 { 9.9, 9.9, 0, 60 },
		{ 10, 10, 0, 60 },	 { 4000, 4000, 3000, 5000 },
	};
	const int n = 200000;

	for (int k = 0; k < (int)ARRAY_SIZE(want); k++) {
		double sum = 0, squares = 0, mean, variance;
		struct rng g;

		rng_seed(&g, 1000 + (uint64_t)k);
		for (int i = 0; i < n; i++) {
			double x = draw(&g, k);

			cr_assert(x >= want[k].min && x <= want[k].max,
				  "case %d: %g", k, x);
			sum += x - want[k].mean;
			squares += (x - want[k].mean) * (x - want[k].mean);
		}
		mean = want[k].mean + sum / n;
		variance = squares / n - sum / n * (sum / n);
		cr_expect_float_eq(mean, want[k].mean,
				   5 * sqrt(want[k].variance / n),
				   "case %d: mean %g", k, mean);
		cr_expect_float_eq(variance, want[k].variance,
				   0.06 * want[k].variance,
				   "case %d: variance %g", k, variance);
	}
}

/* Not only the first two moments: the share of each value of Poisson(12),
 * whose generator is a rejection with constants that are easily mistyped. */
Test(rng, poisson_has_its_shape)
{
	const int n = 400000;
	int count[64] = { 0 };
	double p = exp(-12);
	struct rng g;

	rng_seed(&g, 77);
	for (int i = 0; i < n; i++) {
		double k = rng_poisson(&g, 12);

		cr_assert(k == floor(k) && k < 64);
		count[(int)k]++;
	}
	for (int k = 0; k < 40; p *= 12.0 / ++k)
		cr_expect_float_eq(count[k], n * p, 5 * sqrt(n * p) + 5,
				   "%d: %d, not %g", k, count[k], n * p);
}

Test(rng, distributions_of_nothing_are_nothing)
{
	struct rng g;

	rng_seed(&g, 5);
	cr_expect_eq(rng_gamma(&g, 0, 1), 0);
	cr_expect_eq(rng_poisson(&g, 0), 0);
	cr_expect_eq(rng_exponential(&g, 0), 0);
	cr_expect_eq(rng_normal(&g, 3, 0), 3);
	cr_expect_eq(rng_uniform(&g, 2, 2), 2);
}

Test(rng, mixes_each_bit_into_half_of_the_result)
{
	for (int bit = 0; bit < 64; bit++) {
		uint64_t flip = (uint64_t)1 << bit;
		int by_a = 0, by_b = 0;

		for (uint64_t i = 0; i < 64; i++) {
			uint64_t base = rng_mix(i, i * i);

			by_a += __builtin_popcountll(base ^
						     rng_mix(i ^ flip, i * i));
			by_b += __builtin_popcountll(base ^
						     rng_mix(i, i * i ^ flip));
		}
		/* 64 * 32 = 2048 expected, stdev 32. */
		cr_expect(abs(by_a - 2048) < 192, "a, bit %d: %d", bit, by_a);
		cr_expect(abs(by_b - 2048) < 192, "b, bit %d: %d", bit, by_b);
	}
	cr_expect_neq(rng_mix(1, 2), rng_mix(2, 1));
}
