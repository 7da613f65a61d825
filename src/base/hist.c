#include "base/hist.h"

#include <float.h>
#include <math.h>
#include <stdatomic.h>

/* A bucket is told by its values' highest HIST_SUB_BITS + 1 bits, the first of
 * them a 1; this many bits below do not matter.  Small values keep all. */
static unsigned ignored_bits(uint64_t value)
{
	unsigned highest = 63 - (unsigned)__builtin_clzll(value | HIST_SUB);

	return highest - HIST_SUB_BITS;
}

/* Each ignored bit is one more power of two, HIST_SUB buckets further on.  The
 * leading 1 adds HIST_SUB as well, which is room for the values below it. */
unsigned hist_bucket(uint64_t value_ns)
{
	uint64_t value = MIN(value_ns, HIST_MAX);
	unsigned ignored = ignored_bits(value);

	return (unsigned)(ignored * HIST_SUB + (value >> ignored));
}

void hist_bounds(unsigned bucket, uint64_t *low, uint64_t *high)
{
	uint64_t group = bucket / HIST_SUB;
	uint64_t ignored = group > 1 ? group - 1 : 0;

	*low = (bucket - ignored * HIST_SUB) << ignored;
	*high = *low + ((uint64_t)1 << ignored);
}

static uint64_t get(const _Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

static void add(_Atomic uint64_t *counter, uint64_t n)
{
	atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

static void raise_to(_Atomic uint64_t *max, uint64_t value)
{
	uint64_t old = get(max);

	while (value > old && !atomic_compare_exchange_weak(max, &old, value))
		;
}

/* The bucket comes last and releases: who sees a value counted also sees the
 * minimum and maximum that enclose it. */
void hist_add(struct hist *h, uint64_t value_ns)
{
	uint64_t value = MIN(value_ns, HIST_MAX);

	add(&h->sum, value);
	raise_to(&h->max, value);
	raise_to(&h->inverted_min, ~value);
	atomic_fetch_add_explicit(&h->bucket[hist_bucket(value)], 1,
				  memory_order_release);
}

void hist_merge(struct hist *dst, const struct hist *src)
{
	for (unsigned i = 0; i < HIST_BUCKETS; i++) {
		uint64_t n = atomic_load_explicit(&src->bucket[i],
						  memory_order_acquire);

		if (n)
			add(&dst->bucket[i], n);
	}
	add(&dst->sum, get(&src->sum));
	raise_to(&dst->max, get(&src->max));
	raise_to(&dst->inverted_min, get(&src->inverted_min));
}

uint64_t hist_count(const struct hist *h)
{
	uint64_t count = 0;

	for (unsigned i = 0; i < HIST_BUCKETS; i++)
		count += get(&h->bucket[i]);
	return count;
}

uint64_t hist_sum(const struct hist *h)
{
	return get(&h->sum);
}

uint64_t hist_min(const struct hist *h)
{
	uint64_t inverted = get(&h->inverted_min);

	return inverted ? ~inverted : 0;
}

uint64_t hist_max(const struct hist *h)
{
	return get(&h->max);
}

double hist_mean(const struct hist *h)
{
	uint64_t count = hist_count(h);

	return count ? (double)hist_sum(h) / (double)count : 0;
}

/* q * count, rounded up.  A q like 0.07 is no binary fraction: 0.07 * 100 comes
 * out above 7 by a rounding error, which must not take us to the eighth. */
static uint64_t rank_of(double q, uint64_t count)
{
	double rank = ceil(q * (double)count * (1 - 2 * DBL_EPSILON));

	return (uint64_t)MAX(rank, 1);
}

static unsigned bucket_of_rank(const struct hist *h, uint64_t rank)
{
	uint64_t seen = 0;
	unsigned i;

	for (i = 0; i < HIST_BUCKETS - 1; i++) {
		seen += get(&h->bucket[i]);
		if (seen >= rank)
			break;
	}
	return i;
}

uint64_t hist_percentile(const struct hist *h, double q)
{
	uint64_t count = hist_count(h);
	uint64_t rank = rank_of(q, count);
	uint64_t low, high, middle;

	if (rank == 1)
		return hist_min(h);
	if (rank >= count)
		return hist_max(h);

	hist_bounds(bucket_of_rank(h, rank), &low, &high);
	middle = low + (high - low) / 2;
	return MAX(hist_min(h), MIN(middle, hist_max(h)));
}
