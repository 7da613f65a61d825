/* One worker's reading: builds pieces of a loader, sample after sample, and
 * remembers which files it need not open again.  Belongs to one thread. */
#ifndef TRAIN_BUILDER_H
#define TRAIN_BUILDER_H

#include "train/compute.h"
#include "train/loader.h"

struct builder {
	const struct loader_setup *setup;
	const atomic_bool *quit;
	struct reader *reader;
	struct compute preprocess;
	uint8_t *seen;	  /* LOADER_KEEP_ALL: a bit per file */
	uint64_t kept;	  /* LOADER_KEEP_RUN: a file, or none */
	unsigned number;  /* of the worker */
	bool expected;	  /* the reader was told of its files */
	uint64_t samples; /* built in this pass */
};

/* Setup and quit stay the caller's.  Errors are logged. */
int builder_init(struct builder *b, const struct loader_setup *setup,
		 unsigned number, const atomic_bool *quit) MUST_USE;
void builder_clear(struct builder *b); /* fine with one of zeros */

/* A pass begins. */
void builder_begin(struct builder *b);

/* -ECANCELED: *quit; or what the reader said, and builder_say_fault() logs.  io
 * is what was done, also then. */
int builder_build(struct builder *b, uint64_t piece,
		  struct loader_io *io) MUST_USE;
void builder_say_fault(const struct builder *b);

#endif
