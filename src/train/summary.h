/* The figures of all ranks, from each rank's ledger.
 *
 *	train		AU of an epoch is the mean over ranks, throughput the
 *			sum; then mean and stdev over epochs
 *	evaluation	the same.  DLIO's own (dliofs.train.compat_strict) puts
 *			the ranks' lists one after the other, divides AU by the
 *			number of ranks, and takes the means over all of it
 *	checkpoints	rank 0's own, as in DLIO; the slowest rank's besides
 *
 * The functions are collective where they say so: all ranks call them. */
#ifndef TRAIN_SUMMARY_H
#define TRAIN_SUMMARY_H

#include "train/ledger.h"
#include "train/metrics.h"

struct summary_series {
	double *value;
	size_t n;
	struct metrics_spread spread;
};

struct summary_part {
	struct summary_series au, throughput;
	struct metrics_spread mb_per_second;
	bool met; /* AU reached what is expected */
};

struct summary_checkpoints {
	size_t n;
	struct metrics_spread seconds, gb_per_second;
};

struct summary_host {
	double memory_gb;
	unsigned cpus;
	bool caching; /* its share of the data would fit its memory */
};

/* One save or load. */
struct summary_transfer {
	enum ledger_kind kind;
	unsigned epoch, number;
	double slowest_seconds; /* over ranks */
	double moved_bytes;	/* by all ranks */
};

/* One epoch's stats_io of all ranks; exact up to 2^53 bytes. */
struct summary_io {
	double samples, consumed_bytes, delivered_bytes;
	bool delivered_known;
	double read_seconds, check_seconds;
	double seconds; /* start to end on rank 0 */
};

struct summary {
	struct summary_host *host;
	size_t hosts;

	size_t trained; /* epochs with training */
	struct summary_part train, eval;
	struct summary_checkpoints save, load;
	double checkpoint_gb;

	struct summary_transfer *transfer;
	size_t transfers;
	struct summary_io *io;
	size_t epochs;
};

/* Collective: one entry per host.  First, and once. */
int summary_ask_hosts(struct summary *s, const struct stats_setup *setup,
		      const struct ledger *l) MUST_USE;

/* Collective: the rest, when the run is over.  What not every rank got to is
 * left out. */
int summary_make(struct summary *s, const struct stats_setup *setup,
		 const struct ledger *l) MUST_USE;
void summary_clear(struct summary *s);

#endif
