/* Checkpoints as DLIO writes and reads them: this rank's part of the model
 * (model.h), in files CHECKPOINT_FOLDER/global_epochE_stepS/….pt (torchsave.h),
 * on S3 .pts3; or with framework: tensorflow ….pb-1.* (tfsave.h).
 *
 * A rank needs memory for a few pieces of a tensor, however large the model.
 *
 * One thread at a time; errors are logged. */
#ifndef TRAIN_CHECKPOINT_H
#define TRAIN_CHECKPOINT_H

#include "base/util.h"

#include <stdatomic.h>

struct checkpoint;
struct config;
struct dlog;
struct source;

struct checkpoint_setup {
	const struct config *config; /* outlives the checkpoints, … */
	struct source *source;	     /* … this too; of checkpoint_folder */
	struct dlog *log; /* of rank 0, for DLIO's lines; NULL: silent */
	unsigned rank, ranks;
	unsigned node_ranks;	 /* of each host; 0: all are on one */
	const atomic_bool *stop; /* NULL: never */
};

/* -EINVAL: no such model on so many ranks (model_check()). */
int checkpoint_new(const struct checkpoint_setup *setup,
		   struct checkpoint **out) MUST_USE;
void checkpoint_free(struct checkpoint *c); /* NULL is fine */

/* This rank's files of that epoch and step.  bytes: their sizes; 0 if this rank
 * has none.  -EINTR: *stop.
 *
 * With recovery_rank_shift a rank loads what was saved by the rank that has its
 * number on the next host, so nothing comes from this host's cache. */
int checkpoint_save(struct checkpoint *c, uint64_t epoch, uint64_t step,
		    uint64_t *bytes) MUST_USE;
int checkpoint_load(struct checkpoint *c, uint64_t epoch, uint64_t step,
		    uint64_t *bytes) MUST_USE;

/* Have this rank's files of that checkpoint dropped from the page cache. */
int checkpoint_drop(struct checkpoint *c, uint64_t epoch, uint64_t step);

/* Checkpoints that are there. */
int checkpoint_count(struct checkpoint *c, uint64_t *n) MUST_USE;

/* Time that loading spent on checking. */
uint64_t checkpoint_check_ns(const struct checkpoint *c);

#endif
