/* What the trainer did, event by event, as DLIO's StatsCounter keeps it: the
 * loop reports, and at the end there are DLIO's log lines, its figures
 * (metrics.h has the formulas) and its files (output.h).
 *
 * The order of calls is the loop's:
 *
 *	stats_new
 *	  stats_epoch_start			for each epoch
 *	    stats_train_start
 *	      stats_block_start			one or more blocks
 *	        stats_batch			for each step
 *	      stats_block_end
 *	      stats_checkpoint_start, _end	between and after blocks
 *	    stats_train_end
 *	    stats_eval_start, stats_eval_batch…, stats_eval_end
 *	    stats_io				any number of times; added up
 *	  stats_epoch_end
 *	stats_finish
 *	stats_save
 *	stats_save_summary
 *	stats_free
 *
 * A run of checkpoints only is one epoch without stats_train_start.
 *
 * Times are values of clock_ns() that the caller took, so that a stamp is the
 * moment of the event and not of the bookkeeping.  Epochs and steps count from
 * 1 by themselves.  Events cannot fail: want of memory is kept, and comes out
 * of stats_finish().  One thread at a time: the loop's. */
#ifndef TRAIN_STATS_H
#define TRAIN_STATS_H

#include "base/util.h"

struct config;
struct dlog;
struct stats;

struct stats_setup {
	const struct config *config; /* outlives the stats */
	struct dlog *log;	     /* NULL: say nothing; outlives the stats */
	const char *folder;	     /* of the output files; copied */

	unsigned rank, size;	       /* of all: 0, 1 if alone */
	unsigned node, nodes;	       /* this host's number, of all hosts */
	unsigned node_rank, node_size; /* rank among this host's ranks */

	/* Expected per epoch and rank: floor(samples / batch / ranks), or
	 * train.total_training_steps where that is set. */
	uint64_t steps_train, steps_eval;

	/* Bytes of one sample as configured: record_length_bytes, or the
	 * product of record_dims times the element's size.  0: the former. */
	double sample_bytes;

	/* Bytes of one whole checkpoint, all ranks together. */
	uint64_t checkpoint_bytes;

	/* Replace each value by its sum over all ranks; called by all of them
   * at once.  0 or a negative errno.  NULL with one rank. */
	int (*sum)(void *arg, double *values, size_t n);
	void *sum_arg;
};

/* Ask the host what it is, remove an earlier run's summary.json, and start the
 * run at now_ns.  Collective. */
int stats_new(const struct stats_setup *setup, uint64_t now_ns,
	      struct stats **out) MUST_USE;
void stats_free(struct stats *s); /* NULL is fine */

void stats_epoch_start(struct stats *s, uint64_t now_ns);
void stats_epoch_end(struct stats *s, uint64_t now_ns);

/* The training part of the epoch: all but evaluation. */
void stats_train_start(struct stats *s, uint64_t now_ns);
void stats_train_end(struct stats *s, uint64_t now_ns);

/* A block is a run of steps that a checkpoint ends.  Blocks count from 1 in
 * each epoch. */
void stats_block_start(struct stats *s, uint64_t now_ns);
void stats_block_end(struct stats *s, uint64_t now_ns);

/* One step:
 *	load_ns		from asking for the batch to having it
 *	compute_ns	the emulated computation, as measured
 *	proc_ns		from asking for the batch to the end of computation
 * which is now_ns.  Barriers belong to none of them. */
void stats_batch(struct stats *s, uint64_t load_ns, uint64_t compute_ns,
		 uint64_t proc_ns, uint64_t now_ns);

void stats_eval_start(struct stats *s, uint64_t now_ns);
void stats_eval_batch(struct stats *s, uint64_t load_ns, uint64_t compute_ns,
		      uint64_t proc_ns, uint64_t now_ns);
void stats_eval_end(struct stats *s, uint64_t now_ns);

/* number: of the block just ended; in a run of checkpoints only, 1, 2, …
 * step: steps taken in this epoch so far (DLIO's "after total step"); in a run
 * of checkpoints only, the number again.
 * moved_bytes: what this rank wrote or read. */
enum stats_checkpoint { STATS_SAVE, STATS_LOAD };
void stats_checkpoint_start(struct stats *s, enum stats_checkpoint what,
			    unsigned number, uint64_t step, uint64_t now_ns);
void stats_checkpoint_end(struct stats *s, uint64_t moved_bytes,
			  uint64_t now_ns);

/* Where this epoch's bytes came from and what handling them cost, so that a
 * cached epoch cannot pass for a storage result.  Added to the epoch that is
 * open. */
struct stats_io {
	uint64_t samples;	  /* read by the readers, prefetched included */
	uint64_t consumed_bytes;  /* read from files by this rank */
	uint64_t delivered_bytes; /* by the store, for this host; give it on
				   * the host's first rank only */
	bool delivered_known;	  /* false: nobody counts at the store */
	uint64_t read_ns;	  /* readers' time in open, read, close */
	uint64_t check_ns;	  /* readers' time decoding and checking */
};
void stats_io(struct stats *s, const struct stats_io *io);

/* The run is over: sum over ranks, say the metric block.  Collective; every
 * rank calls it, whatever happened before.  0, or the first error that any of
 * the events met. */
int stats_finish(struct stats *s, uint64_t now_ns) MUST_USE;

/* Write this rank's files.  Makes the folder.  After stats_finish(). */
int stats_save(struct stats *s, uint64_t now_ns) MUST_USE;

/* When all other results are there, those of other ranks too: rank 0 writes
 * summary.json, the others do nothing. */
int stats_save_summary(struct stats *s) MUST_USE;

/* After stats_finish(), for reports: the figures of all ranks. */
struct stats_figures {
	size_t epochs;
	double au_percent, samples_per_second, mb_per_second; /* means */
	bool met; /* AU reached metric.au */
};
void stats_figures(const struct stats *s, struct stats_figures *out);

#endif
