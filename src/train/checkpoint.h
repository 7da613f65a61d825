/* Checkpoints as DLIO's PyTorch mechanism writes and reads them, for a model of
 * one flat tensor: CHECKPOINT_FOLDER/global_epochE_stepS/model_states-RANK.pt
 *
 * Without ZeRO (zero_stage 0), the first tensor * pipeline ranks hold the model
 * and write; else all do.  States of layers and optimizers are not written:
 * configurations that ask for them are refused, since a checkpoint smaller than
 * asked for would make the storage look fast.
 *
 * One thread at a time; errors are logged. */
#ifndef TRAIN_CHECKPOINT_H
#define TRAIN_CHECKPOINT_H

#include "base/util.h"

#include <stdatomic.h>

struct checkpoint;
struct config;
struct source;

struct checkpoint_setup {
	const struct config *config; /* outlives the checkpoints, … */
	struct source *source;	     /* … this too; of checkpoint_folder */
	unsigned rank, ranks;
	const atomic_bool *stop; /* NULL: never */
};

/* Whether such checkpoints can be written: -ENOTSUP for a model that is not
 * flat. */
int checkpoint_check(const struct config *c) MUST_USE;

/* -ENOTSUP as above. */
int checkpoint_new(const struct checkpoint_setup *setup,
		   struct checkpoint **out) MUST_USE;
void checkpoint_free(struct checkpoint *c); /* NULL is fine */

/* What all ranks together save in one checkpoint: their models, without the
 * container around them. */
uint64_t checkpoint_bytes(const struct config *c, unsigned ranks);

/* This rank's file of that epoch and step.  bytes: its size; 0 if this rank has
 * none.  -EINTR: *stop. */
int checkpoint_save(struct checkpoint *c, uint64_t epoch, uint64_t step,
		    uint64_t *bytes) MUST_USE;
int checkpoint_load(struct checkpoint *c, uint64_t epoch, uint64_t step,
		    uint64_t *bytes) MUST_USE;

/* Checkpoints that are there. */
int checkpoint_count(struct checkpoint *c, uint64_t *n) MUST_USE;

/* Time that loading spent on checking. */
uint64_t checkpoint_check_ns(const struct checkpoint *c);

#endif
