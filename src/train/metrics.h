/* The formulas behind the figures, and nothing else: pure functions.
 *
 * Notation, for one rank and one block of steps (an evaluation is a block of
 * its own).  Steps are numbered from 0 in the block.
 *
 *	n		steps taken
 *	compute[i]	measured time of the emulated computation
 *	proc[i]		from asking for batch i to the end of its computation
 *	W		wall time of the block, barriers and all
 *	S		steps expected in the whole epoch
 *	e0, e1		output.metric.exclude_start_steps, exclude_end_steps
 *	window		the steps i with e0 <= i < S - e1, and i < n
 *	T		window time: W - sum of proc[i] of the steps outside
 *
 * The window is that of the block but S that of the epoch, as in DLIO: in an
 * epoch of several blocks each loses its first e0 steps, and e1 rarely
 * excludes any.
 *
 * AU, "accelerator utilization", is the share of time that the accelerator
 * would have been busy, in per cent:
 *
 *	AU = 100 * sum of compute[i] in the window / T
 *
 * Where nothing was measured (no step in the window) AU and throughput are 0;
 * a mean of no values is NaN, which JSON shows as null.  MB and GB are 2^20 and
 * 2^30 bytes, as in DLIO, whose names say otherwise. */
#ifndef TRAIN_METRICS_H
#define TRAIN_METRICS_H

#include "base/util.h"

struct metrics_window {
	uint64_t expected;		     /* S */
	uint64_t exclude_start, exclude_end; /* e0, e1 */
};

struct metrics_block {
	const uint64_t *compute_ns, *proc_ns;
	size_t n;
	uint64_t wall_ns; /* W */
};

double metrics_au(const struct metrics_block *b,
		  const struct metrics_window *w);

/* Samples per second of this rank:
 *
 *	steps in the window * batch / T
 *
 * DLIO's own is (n - 2) * batch / T whatever the exclusions, which is right
 * only for e0 + e1 = 2; it is 0 for two steps and negative for fewer. */
double metrics_throughput(const struct metrics_block *b,
			  const struct metrics_window *w, uint64_t batch);
double metrics_throughput_strict(const struct metrics_block *b,
				 const struct metrics_window *w,
				 uint64_t batch);

/* Of an evaluation: n * batch / W, no step excluded, as in DLIO. */
double metrics_throughput_eval(const struct metrics_block *b, uint64_t batch);

/* An epoch's figure from those of its blocks, each weighted by its steps: sum
 * of value * steps / sum of steps; 0 without steps. */
double metrics_weighted_mean(const double *values, const uint64_t *steps,
			     size_t n);

/* Mean, and standard deviation of the population: sqrt(mean((x - mean)^2)). */
struct metrics_spread {
	double mean, stdev;
};
struct metrics_spread metrics_spread(const double *values, size_t n);

/* Of durations in nanoseconds, in seconds: for the computation times of the
 * steps in the window. */
struct metrics_spread metrics_compute_seconds(const struct metrics_block *b,
					      const struct metrics_window *w);

/* samples per second * sample_bytes / 2^20.  sample_bytes is the size that the
 * configuration names: with a spread of sizes this is what the trainer asked
 * for, not what was moved.  The true bytes are in struct stats_io. */
double metrics_mb_per_second(double samples_per_second, double sample_bytes);

/* mean AU >= 100 * metric.au.  Without a mean: no. */
bool metrics_au_met(double mean_au_percent, double expected_share);

/* bytes / 2^30, and that per second; 0 if no time passed. */
double metrics_gb(double bytes);
double metrics_gb_per_second(double bytes, uint64_t duration_ns);

/* Bytes of samples that one host's ranks consume per epoch, in GB:
 * floor(ranks on host * samples per file * files / ranks) * sample bytes. */
double metrics_host_data_gb(uint64_t host_ranks, uint64_t ranks,
			    uint64_t samples_per_file, uint64_t files,
			    double sample_bytes);

#endif
