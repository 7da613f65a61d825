/* When the trainer saves and loads checkpoints, and how long that takes.
 *
 * By epoch: after checkpoint_after_epoch and each epochs_between_checkpoints;
 * or, if steps_between_checkpoints is not negative, by step: after so many steps
 * and again, counted anew in each epoch.  Each ends a block of steps.
 *
 * Everything is nothing without workflow.checkpoint.  Part of a train_run();
 * one thread. */
#ifndef TRAIN_SAVER_H
#define TRAIN_SAVER_H

#include "train/compute.h"

struct checkpoint;
struct source;
struct train_env;
struct train_result;

struct saver {
	const struct train_env *env;
	struct train_result *result;
	struct checkpoint *checkpoint; /* NULL without workflow.checkpoint */
	struct compute pause;	       /* time_between_checkpoints */
	uint64_t epoch;
	unsigned block;	     /* 1, 2, … of this epoch */
	uint64_t next_step;  /* that a checkpoint follows, … */
	uint64_t next_epoch; /* … or that one ends with */
};

/* All arguments outlive the saver.  source: of the checkpoints. */
int saver_open(struct saver *s, const struct train_env *env,
	       struct source *source, struct train_result *result) MUST_USE;
void saver_close(struct saver *s); /* zeroed is fine */

/* Before the first block of an epoch. */
void saver_begin_epoch(struct saver *s, uint64_t epoch);

/* A step was taken, in a block that is open; one is open after. */
int saver_after_step(struct saver *s, uint64_t step) MUST_USE;

/* The last block of the epoch has been closed, after so many steps in all. */
int saver_after_epoch(struct saver *s, uint64_t steps) MUST_USE;

/* The run that only writes and reads checkpoints: num_checkpoints_write, then
 * num_checkpoints_read, as one epoch of the statistics. */
int saver_run(struct saver *s) MUST_USE;

#endif
