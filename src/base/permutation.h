/* A permutation of 0 … n - 1 that takes no memory: any number of samples is
 * shuffled at once, and every rank that has the same key has the same order
 * without a word between them.
 *
 * A balanced Feistel network (M. Luby, C. Rackoff, "How to construct
 * pseudorandom permutations", SIAM J. Comput. 17(2), 1988) over the smallest
 * even number of bits that n fits in permutes 0 … 2^bits - 1; where that leads
 * to n or beyond, it is applied again until it does not ("cycle walking", J.
 * Black, P. Rogaway, CT-RSA 2002).  2^bits < 4n (or is 4), so this takes fewer
 * than four times on average.  Good for benchmarks, not for secrets.
 *
 * Plain numbers: any thread may read. */
#ifndef BASE_PERMUTATION_H
#define BASE_PERMUTATION_H

#include "base/util.h"

struct permutation {
	uint64_t n, key;
	unsigned half; /* bits */
};

void permutation_init(struct permutation *p, uint64_t n, uint64_t key);

/* i < n. */
uint64_t permutation_at(const struct permutation *p, uint64_t i);

#endif
