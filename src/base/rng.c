#include "base/rng.h"

#include <math.h>

/* ---- MT19937 as NumPy's RandomState uses it ---- */

#define MT_WORDS 624
#define MT_SHIFT 397

void rng_mt_seed(struct rng_mt *g, uint32_t seed)
{
	g->state[0] = seed;
	for (uint32_t i = 1; i < MT_WORDS; i++) {
		uint32_t last = g->state[i - 1];

		g->state[i] = 1812433253U * (last ^ last >> 30) + i;
	}
	g->next = MT_WORDS;
	g->has_spare = false;
	g->spare = 0;
}

static void mt_refill(struct rng_mt *g)
{
	uint32_t *s = g->state;

	for (int i = 0; i < MT_WORDS; i++) {
		uint32_t y = (s[i] & 0x80000000U) |
			     (s[(i + 1) % MT_WORDS] & 0x7fffffffU);

		s[i] = s[(i + MT_SHIFT) % MT_WORDS] ^ y >> 1 ^
		       (0x9908b0dfU & -(y & 1));
	}
	g->next = 0;
}

uint32_t rng_mt_u32(struct rng_mt *g)
{
	uint32_t y;

	if (g->next == MT_WORDS)
		mt_refill(g);
	y = g->state[g->next++];
	y ^= y >> 11;
	y ^= y << 7 & 0x9d2c5680U;
	y ^= y << 15 & 0xefc60000U;
	return y ^ y >> 18;
}

double rng_mt_double(struct rng_mt *g)
{
	uint32_t high = rng_mt_u32(g) >> 5;
	uint32_t low = rng_mt_u32(g) >> 6;

	return (high * 0x1p26 + low) * 0x1p-53;
}

/* Marsaglia's polar method: a and b, of a square around 0, times this are two
 * normal numbers.  0: they are not in the circle, try others. */
static double polar_scale(double a, double b)
{
	double r2 = a * a + b * b;

	return r2 < 1.0 && r2 != 0.0 ? sqrt(-2.0 * log(r2) / r2) : 0.0;
}

/* NumPy gives the second of the pair first and keeps the first. */
double rng_mt_normal(struct rng_mt *g)
{
	double a, b, scale;

	if (g->has_spare) {
		g->has_spare = false;
		return g->spare;
	}
	do {
		a = 2.0 * rng_mt_double(g) - 1.0;
		b = 2.0 * rng_mt_double(g) - 1.0;
		scale = polar_scale(a, b);
	} while (scale == 0.0);
	g->spare = scale * a;
	g->has_spare = true;
	return scale * b;
}

/* 0 … max, all equally likely: draw as many bits as max has, until it fits. */
static uint64_t mt_below_or_at(struct rng_mt *g, uint64_t max)
{
	uint64_t mask, value;

	if (max == 0)
		return 0; /* and no number is drawn */
	mask = UINT64_MAX >> __builtin_clzll(max);
	do {
		value = rng_mt_u32(g);
		if (max > UINT32_MAX)
			value = value << 32 | rng_mt_u32(g);
		value &= mask;
	} while (value > max);
	return value;
}

void rng_mt_shuffle(struct rng_mt *g, size_t *items, size_t n)
{
	for (size_t i = n; i-- > 1;) {
		size_t j = mt_below_or_at(g, i);
		size_t item = items[i];

		items[i] = items[j];
		items[j] = item;
	}
}

/* ---- xoshiro256++ ---- */

/* The finalizer of splitmix64 (Steele, Lea, Flood 2014): each bit of the
 * argument flips about half of the result's. */
static uint64_t scramble(uint64_t z)
{
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

#define GOLDEN_GAMMA 0x9e3779b97f4a7c15ULL

uint64_t rng_mix(uint64_t a, uint64_t b)
{
	return scramble(scramble(a + GOLDEN_GAMMA) + b * GOLDEN_GAMMA);
}

void rng_seed(struct rng *g, uint64_t seed)
{
	for (size_t i = 0; i < ARRAY_SIZE(g->s); i++)
		g->s[i] = scramble(seed += GOLDEN_GAMMA);
	g->has_spare = false;
	g->spare = 0;
}

static uint64_t rotate_left(uint64_t x, int by)
{
	return x << by | x >> (64 - by);
}

uint64_t rng_u64(struct rng *g)
{
	uint64_t *s = g->s;
	uint64_t result = rotate_left(s[0] + s[3], 23) + s[0];
	uint64_t t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotate_left(s[3], 45);
	return result;
}

double rng_double(struct rng *g)
{
	return (double)(rng_u64(g) >> 11) * 0x1p-53;
}

/* (0, 1]: what may go into a logarithm. */
static double positive_double(struct rng *g)
{
	return 1.0 - rng_double(g);
}

static double standard_normal(struct rng *g)
{
	double a, b, scale;

	if (g->has_spare) {
		g->has_spare = false;
		return g->spare;
	}
	do {
		a = 2.0 * rng_double(g) - 1.0;
		b = 2.0 * rng_double(g) - 1.0;
		scale = polar_scale(a, b);
	} while (scale == 0.0);
	g->spare = scale * a;
	g->has_spare = true;
	return scale * b;
}

double rng_normal(struct rng *g, double mean, double stdev)
{
	return mean + stdev * standard_normal(g);
}

double rng_uniform(struct rng *g, double min, double max)
{
	return min + (max - min) * rng_double(g);
}

double rng_exponential(struct rng *g, double scale)
{
	return -scale * log(positive_double(g));
}

/* G. Marsaglia, W. W. Tsang, "A simple method for generating gamma variables",
 * ACM TOMS 26(3), 2000: a normal bent into shape, rejected 5 % of the time. */
static double gamma_from_one_up(struct rng *g, double shape)
{
	double d = shape - 1.0 / 3.0;
	double c = 1.0 / sqrt(9.0 * d);

	for (;;) {
		double x = standard_normal(g);
		double v = 1.0 + c * x;

		if (v <= 0.0)
			continue;
		v = v * v * v;
		if (log(positive_double(g)) <
		    0.5 * x * x + d * (1.0 - v + log(v)))
			return d * v;
	}
}

double rng_gamma(struct rng *g, double shape, double scale)
{
	if (!(shape > 0.0))
		return 0.0;
	if (shape >= 1.0)
		return scale * gamma_from_one_up(g, shape);
	/* Gamma(a) is Gamma(a + 1) * U^(1/a). */
	return scale * gamma_from_one_up(g, shape + 1.0) *
	       pow(positive_double(g), 1.0 / shape);
}

/* Count the exponential waits that fit into lambda: lambda + 1 draws. */
static double poisson_by_counting(struct rng *g, double lambda)
{
	double limit = exp(-lambda);
	double product = rng_double(g);
	double k = 0.0;

	while (product > limit) {
		product *= rng_double(g);
		k += 1.0;
	}
	return k;
}

/* W. Hoermann, "The transformed rejection method for generating Poisson random
 * variables", Insurance: Mathematics and Economics 12, 1993: PTRS, for
 * lambda >= 10. */
static double poisson_by_rejection(struct rng *g, double lambda)
{
	double b = 0.931 + 2.53 * sqrt(lambda);
	double a = -0.059 + 0.02483 * b;
	double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
	double v_r = 0.9277 - 3.6224 / (b - 2.0);

	for (;;) {
		double u = rng_double(g) - 0.5;
		double v = positive_double(g);
		double us = 0.5 - fabs(u);
		double k = floor((2.0 * a / us + b) * u + lambda + 0.43);
		int sign;

		if (us >= 0.07 && v <= v_r)
			return k;
		if (k < 0.0 || (us < 0.013 && v > us))
			continue;
		if (log(v) + log(inverse_alpha) - log(a / (us * us) + b) <=
		    k * log(lambda) - lambda - lgamma_r(k + 1.0, &sign))
			return k;
	}
}

double rng_poisson(struct rng *g, double lambda)
{
	if (!(lambda > 0.0))
		return 0.0;
	return lambda < 10.0 ? poisson_by_counting(g, lambda) :
			       poisson_by_rejection(g, lambda);
}
