#include "base/permutation.h"

#include "base/rng.h"

/* Four make it look random; two more cost nothing that shows. */
#define ROUNDS 6

void permutation_init(struct permutation *p, uint64_t n, uint64_t key)
{
	*p = (struct permutation){ .n = n, .key = key, .half = 1 };
	while (p->half < 32 && (n - 1) >> (2 * p->half))
		p->half++;
}

static uint64_t once(const struct permutation *p, uint64_t i)
{
	uint64_t mask = ((uint64_t)1 << p->half) - 1;
	uint64_t left = i >> p->half, right = i & mask;

	for (uint64_t round = 0; round < ROUNDS; round++) {
		uint64_t mixed = rng_mix(p->key + round, right) & mask;
		uint64_t next = left ^ mixed;

		left = right;
		right = next;
	}
	return left << p->half | right;
}

uint64_t permutation_at(const struct permutation *p, uint64_t i)
{
	do
		i = once(p, i);
	while (i >= p->n);
	return i;
}
