/* The trainer: DLIO's epoch loop (dlio.md 6.5) over files, with emulated
 * computation.  It sees a configuration, a dataset's names, and two sources of
 * bytes; what is behind them (a mount, a folder, a store) it cannot know.
 *
 * For each epoch: training, evaluation if it is due, checkpoints by step or by
 * epoch.  Without `workflow.train`, but with `workflow.checkpoint`: write and
 * read checkpoints only.
 *
 * Everything is reported to stats as it happens; what an epoch read is in the
 * result besides.  One thread at a time; loaders have threads of their own. */
#ifndef TRAIN_TRAIN_H
#define TRAIN_TRAIN_H

#include "base/util.h"

#include <stdatomic.h>

struct config;
struct dataset;
struct dlog;
struct recorder;
struct source;
struct stats;

/* All but `arg` may be NULL. */
struct train_hooks {
	void *arg;

	/* Before each epoch, with dliofs.train.drop_caches: empty the machine's
	 * page cache.  0: done.  Else (or NULL) each file is dropped by
	 * source_drop(), which needs no right but knows only this source. */
	int (*drop_caches)(void *arg);

	/* Bytes that the store has delivered so far, for whomever. */
	uint64_t (*store_bytes)(void *arg);

	/* Wait for all ranks.  Not 0: some rank has failed. */
	int (*barrier)(void *arg);

	/* After each step: how far the run is. */
	void (*progress)(void *arg, uint64_t epoch, uint64_t step,
			 uint64_t steps);

	/* These files of data will be read next, in about this order: whoever
	 * can may have them fetched meanwhile.  Called by loaders' workers; not
	 * with dliofs.train.announce off. */
	void (*announce)(void *arg, const char *const *names, size_t n);
};

struct train_env {
	const struct config *config;
	const struct dataset *dataset; /* NULL: nothing to train on */
	struct source *data;	       /* as the dataset names its files */
	struct source *checkpoints;    /* NULL without workflow.checkpoint */
	struct recorder *recorder;     /* NULL: latencies are not recorded */
	struct stats *stats;
	struct dlog *log;     /* what rank 0 says besides; NULL: nothing */
	unsigned rank, ranks; /* 0, 1 if alone */
	unsigned node_ranks;  /* of each host; 0: all are on one */

	/* The dataset's files were written by dliofs from this configuration
	 * (there is a manifest that says so): formats without checksums of
	 * their own can be checked. */
	bool generated;

	struct train_hooks hooks;
	const atomic_bool *stop; /* give up when true; NULL: never */
};

struct train_epoch {
	uint64_t steps, eval_steps;
	uint64_t samples;	  /* read, those for nothing included */
	uint64_t consumed_bytes;  /* of the files read for them */
	uint64_t delivered_bytes; /* by the store meanwhile */
	bool delivered_known;
	uint64_t wall_ns;  /* training and evaluation */
	uint64_t read_ns;  /* the readers' time, open to close, … */
	uint64_t check_ns; /* … of which to check the data */
};

struct train_result {
	struct train_epoch *epoch; /* those begun */
	size_t epochs;
	uint64_t saves, saved_bytes;
	uint64_t loads, loaded_bytes, load_check_ns;
};

/* Before anything is written: more steps asked for than there is data for, or a
 * format that nobody reads.  -EDOM for the steps, which DLIO has an exit status
 * for, else -EINVAL (logged, in DLIO's words where it has some). */
int train_check(const struct config *config, unsigned ranks) MUST_USE;

/* Expected steps of a pass, for stats_new().  0 where there is nothing to do. */
uint64_t train_expected_steps(const struct config *config,
			      const struct dataset *dataset, unsigned ranks);
uint64_t train_expected_eval_steps(const struct config *config,
				   const struct dataset *dataset,
				   unsigned ranks);

/* 0, or the first error, logged where it is not -EINTR (*stop).  The result is
 * what was done until then, and the caller's to clear.  Between an error and
 * stats_finish() nothing more is to be reported. */
int train_run(const struct train_env *env, struct train_result *out) MUST_USE;
void train_result_clear(struct train_result *r);

#endif
