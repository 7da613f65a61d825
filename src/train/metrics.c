#include "train/metrics.h"

#include <math.h>

/* The window's first step, and the one after its last. */
struct range {
	size_t first, end;
};

static struct range window(const struct metrics_block *b,
			   const struct metrics_window *w)
{
	uint64_t end = w->expected - MIN(w->exclude_end, w->expected);
	struct range r = {
		.first = MIN(w->exclude_start, b->n),
		.end = MIN(end, b->n),
	};

	r.end = MAX(r.end, r.first);
	return r;
}

static uint64_t sum(const uint64_t *values, size_t first, size_t end)
{
	uint64_t total = 0;

	for (size_t i = first; i < end; i++)
		total += values[i];
	return total;
}

/* T.  The parts are read from one clock and cannot be more than the whole, but
 * a caller's mistake must not become a huge number. */
static double window_seconds(const struct metrics_block *b, struct range r)
{
	uint64_t outside =
		sum(b->proc_ns, 0, r.first) + sum(b->proc_ns, r.end, b->n);

	return ((double)b->wall_ns - (double)outside) / NS_PER_SEC;
}

double metrics_au(const struct metrics_block *b, const struct metrics_window *w)
{
	struct range r = window(b, w);
	double compute =
		(double)sum(b->compute_ns, r.first, r.end) / NS_PER_SEC;
	double time = window_seconds(b, r);

	if (compute == 0 || time <= 0)
		return 0;
	return 100 * compute / time;
}

double metrics_throughput(const struct metrics_block *b,
			  const struct metrics_window *w, uint64_t batch)
{
	struct range r = window(b, w);
	double time = window_seconds(b, r);

	if (time <= 0)
		return 0;
	return (double)(r.end - r.first) * (double)batch / time;
}

double metrics_throughput_strict(const struct metrics_block *b,
				 const struct metrics_window *w, uint64_t batch)
{
	double time = window_seconds(b, window(b, w));

	return ((double)b->n - 2) / time * (double)batch;
}

double metrics_throughput_eval(const struct metrics_block *b, uint64_t batch)
{
	if (!b->wall_ns)
		return 0;
	return (double)b->n * (double)batch / ((double)b->wall_ns / NS_PER_SEC);
}

double metrics_weighted_mean(const double *values, const uint64_t *steps,
			     size_t n)
{
	double total = 0;
	uint64_t weight = 0;

	for (size_t i = 0; i < n; i++) {
		/* DLIO's figure of a block without steps may be infinite. */
		if (!steps[i])
			continue;
		total += values[i] * (double)steps[i];
		weight += steps[i];
	}
	return weight ? total / (double)weight : 0;
}

struct metrics_spread metrics_spread(const double *values, size_t n)
{
	struct metrics_spread s = { NAN, NAN };
	double total = 0, squares = 0;

	if (!n)
		return s;
	for (size_t i = 0; i < n; i++)
		total += values[i];
	s.mean = total / (double)n;
	for (size_t i = 0; i < n; i++)
		squares += (values[i] - s.mean) * (values[i] - s.mean);
	s.stdev = sqrt(squares / (double)n);
	return s;
}

struct metrics_spread metrics_compute_seconds(const struct metrics_block *b,
					      const struct metrics_window *w)
{
	struct metrics_spread s = { NAN, NAN };
	struct range r = window(b, w);
	double n = (double)(r.end - r.first), squares = 0;

	if (r.end == r.first)
		return s;
	s.mean = (double)sum(b->compute_ns, r.first, r.end) / NS_PER_SEC / n;
	for (size_t i = r.first; i < r.end; i++) {
		double off = (double)b->compute_ns[i] / NS_PER_SEC - s.mean;

		squares += off * off;
	}
	s.stdev = sqrt(squares / n);
	return s;
}

double metrics_mb_per_second(double samples_per_second, double sample_bytes)
{
	return samples_per_second * sample_bytes / MIB;
}

bool metrics_au_met(double mean_au_percent, double expected_share)
{
	return mean_au_percent >= 100 * expected_share;
}

double metrics_gb(double bytes)
{
	return bytes / GIB;
}

double metrics_gb_per_second(double bytes, uint64_t duration_ns)
{
	if (!duration_ns)
		return 0;
	return metrics_gb(bytes) / ((double)duration_ns / NS_PER_SEC);
}

double metrics_host_data_gb(uint64_t host_ranks, uint64_t ranks,
			    uint64_t samples_per_file, uint64_t files,
			    double sample_bytes)
{
	unsigned __int128 samples = samples_per_file;

	samples = samples * files * host_ranks / ranks;
	return metrics_gb((double)samples * sample_bytes);
}
