/* A histogram of durations with a proven bound on its error.
 *
 * Values are nanoseconds, 0 … HIST_MAX (about 73 minutes); a larger one counts
 * as HIST_MAX.  Below 2 * HIST_SUB every value has a bucket of its own; above,
 * every power of two is split into HIST_SUB equal buckets:
 *
 *	value	0 1 2 … 63 | 64 66 … 126 | 128 132 … 252 | 256 264 … 504 | …
 *	width	     1     |      2      |       4       |       8       | …
 *
 * Count, sum, minimum and maximum are exact.  A percentile is reported as the
 * middle of the bucket it falls in, and then
 *
 *	|reported - true| <= true / (2 * HIST_SUB)		(1.6 %)
 *
 * Proof.  Below 2 * HIST_SUB a bucket holds one value: no error.  Above, let
 * 2^e be the highest power of two in the true value v, so 2^e <= v.  Its bucket
 * is w = 2^e / HIST_SUB wide, and w is even; v and the middle low + w/2 are both
 * in it, so they are at most w/2 apart:  w/2 = 2^e / (2 * HIST_SUB) <=
 * v / (2 * HIST_SUB).  The middle is then clamped to [min, max]; v is in that
 * interval too, so clamping can only bring the two nearer.
 *
 * struct hist is plain memory: zeroed is empty, it may live in shared memory,
 * and any number of threads and processes may hist_add() to it at once: relaxed
 * atomics, no locks.  To read one that is being added to, take a copy with
 * hist_merge(); in it every value counted is within min and max, and only the
 * sum may be ahead by the values that were being added just then. */
#ifndef BASE_HIST_H
#define BASE_HIST_H

#include "base/util.h"

#define HIST_SUB_BITS 5
#define HIST_SUB ((uint64_t)1 << HIST_SUB_BITS)
#define HIST_MAX_BITS 42
#define HIST_MAX (((uint64_t)1 << HIST_MAX_BITS) - 1)
#define HIST_BUCKETS ((HIST_MAX_BITS - HIST_SUB_BITS + 1) << HIST_SUB_BITS)

struct hist {
	_Atomic uint64_t sum;
	_Atomic uint64_t max;
	_Atomic uint64_t inverted_min; /* ~minimum: rises, as max does */
	_Atomic uint64_t bucket[HIST_BUCKETS];
};

void hist_add(struct hist *h, uint64_t value_ns);

/* Add all of src to dst.  dst has no other writer; src may have. */
void hist_merge(struct hist *dst, const struct hist *src);

/* What follows is for histograms that nobody is adding to; all are 0 if the
 * histogram is empty. */
uint64_t hist_count(const struct hist *h);
uint64_t hist_sum(const struct hist *h);
uint64_t hist_min(const struct hist *h);
uint64_t hist_max(const struct hist *h);
double hist_mean(const struct hist *h);

/* The value that a share q (0 … 1) of all values do not exceed: of n values in
 * ascending order, number ceil(q * n), counted from 1 ("nearest rank").  Within
 * the bound above; exact for the first (q = 0: the minimum) and the last
 * (q = 1: the maximum). */
uint64_t hist_percentile(const struct hist *h, double q);

/* For writers of reports: the bucket of a value, and its bounds [low, high). */
unsigned hist_bucket(uint64_t value_ns);
void hist_bounds(unsigned bucket, uint64_t *low, uint64_t *high);

#endif
