/* Random numbers, all from a seed the caller gives.
 *
 * Two families:
 *  - struct rng_mt: NumPy's legacy generator (MT19937 with the classic
 *    single-integer seeding, 53-bit doubles, polar Box-Muller), bit for bit,
 *    because DLIO's file sizes come out of it.  M. Matsumoto, T. Nishimura,
 *    "Mersenne Twister", ACM TOMACS 8(1), 1998; numpy.random.RandomState.
 *  - struct rng: xoshiro256++ (Blackman, Vigna 2019) seeded by splitmix64, for
 *    everything of our own: emulated times, test patterns.
 * A generator belongs to one thread at a time. */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include "base/util.h"

struct rng_mt {
	uint32_t state[624];
	int next;	/* index of the next word, 624: refill */
	bool has_spare; /* of the normal pair */
	double spare;
};

void rng_mt_seed(struct rng_mt *g, uint32_t seed);
uint32_t rng_mt_u32(struct rng_mt *g);
double rng_mt_double(struct rng_mt *g); /* [0, 1), 53 bits */
double rng_mt_normal(struct rng_mt *g); /* mean 0, stdev 1 */

/* numpy.random.shuffle() of n pointers-or-numbers held as size_t. */
void rng_mt_shuffle(struct rng_mt *g, size_t *items, size_t n);

struct rng {
	uint64_t s[4];
	bool has_spare;
	double spare;
};

void rng_seed(struct rng *g, uint64_t seed);
uint64_t rng_u64(struct rng *g);
double rng_double(struct rng *g); /* [0, 1) */
double rng_normal(struct rng *g, double mean, double stdev);
double rng_uniform(struct rng *g, double min, double max);
double rng_gamma(struct rng *g, double shape, double scale);
double rng_exponential(struct rng *g, double scale); /* mean = scale */
double rng_poisson(struct rng *g, double lambda);    /* an integer */

/* A good 64-bit mix of two numbers: for seeds of parts. */
uint64_t rng_mix(uint64_t a, uint64_t b);

#endif
