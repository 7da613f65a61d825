/* A histogram of durations with a proven bound on its error.
 *
 * Values are nanoseconds, 0 … HIST_MAX (about 73 minutes); larger ones are
 * counted as HIST_MAX.  Buckets are log-linear: values below 2*HIST_SUB have a
 * bucket each; above, every power of two is split into HIST_SUB equal parts.
 * A bucket that starts at b is therefore at most b / HIST_SUB wide, and a
 * percentile, which we report as the bucket's middle, is off by at most
 * 1 / (2 * HIST_SUB) = 1.6 % of the true value.  Count, sum, minimum and
 * maximum are exact (min and max up to HIST_MAX).
 *
 * struct hist is plain memory: zeroed is empty, it may live in shared memory,
 * and any number of threads and processes may hist_add() to it at once
 * (relaxed atomics, no locks).  Readers see each counter whole but not all
 * counters of one moment: take a copy with hist_merge() and use that. */
#ifndef BASE_HIST_H
#define BASE_HIST_H

#include "base/util.h"

#define HIST_SUB_BITS 5
#define HIST_SUB ((uint64_t)1 << HIST_SUB_BITS)
#define HIST_MAX_BITS 42
#define HIST_MAX (((uint64_t)1 << HIST_MAX_BITS) - 1)
#define HIST_BUCKETS ((HIST_MAX_BITS - HIST_SUB_BITS + 1) << HIST_SUB_BITS)

struct hist {
	_Atomic uint64_t sum; /* of all values, ns */
	_Atomic uint64_t max;
	_Atomic uint64_t inverted_min; /* ~minimum, so that zeroed is empty */
	_Atomic uint64_t bucket[HIST_BUCKETS];
};

void hist_add(struct hist *h, uint64_t value_ns);

/* Add all of src to dst.  dst has no other writer; src may have. */
void hist_merge(struct hist *dst, const struct hist *src);

/* What follows is for histograms that nobody is adding to. */
uint64_t hist_count(const struct hist *h);
uint64_t hist_min(const struct hist *h);  /* 0 if empty */
uint64_t hist_max(const struct hist *h);  /* 0 if empty */
double hist_mean(const struct hist *h);	  /* 0 if empty */

/* The smallest bucket middle such that at least a share q (0 … 1) of all
 * values are in it or below; clamped to [min, max]; 0 if empty. */
uint64_t hist_percentile(const struct hist *h, double q);

/* For writers of reports: bucket number of a value, and the bounds
 * [low, high) of a bucket. */
unsigned hist_bucket(uint64_t value_ns);
void hist_bounds(unsigned bucket, uint64_t *low, uint64_t *high);

#endif
