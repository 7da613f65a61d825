/* Random numbers by the gigabyte: what the payload is filled with.
 *
 * Eight xoshiro256++ generators side by side (Blackman, Vigna 2019), one 64-bit
 * word of each in turn, so that the work is additions, shifts and exclusive-ors
 * of vectors.  The words are turned into numbers without a branch.  What comes
 * out is the same bytes on every machine and compiler: the arithmetic is exact,
 * and the byte order little-endian everywhere.
 *
 * A struct noise belongs to one thread; it may be copied. */
#ifndef DATA_NOISE_H
#define DATA_NOISE_H

#include "base/util.h"

enum noise_kind {
	NOISE_BITS,    /* every byte 0 … 255 */
	NOISE_BOOLS,   /* every byte 0 or 1 */
	NOISE_HALVES,  /* float16, multiples of 2^-11 in [0, 1) */
	NOISE_FLOATS,  /* float32, multiples of 2^-24 in [0, 1) */
	NOISE_DOUBLES, /* float64, multiples of 2^-52 in [0, 1) */
};

#define NOISE_LANES 8
#define NOISE_STEP ((size_t)8 * NOISE_LANES)

struct noise {
	uint64_t s[4][NOISE_LANES];
};

void noise_seed(struct noise *n, uint64_t seed);

/* The next len bytes; len is a multiple of NOISE_STEP, buf need not be
 * aligned. */
void noise_fill(struct noise *n, enum noise_kind kind, void *buf, size_t len);

#endif
