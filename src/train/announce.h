/* What is ahead of a run, in DLIO's log before its first epoch: files that are
 * left out, the size of a checkpoint, the steps of a pass. */
#ifndef TRAIN_ANNOUNCE_H
#define TRAIN_ANNOUNCE_H

#include "train/feed.h"

struct dlog;

/* The feeds that there are; NULL in place of one that is not needed.
 * -ENOMEM, logged. */
int announce_run(struct dlog *d, const struct config *c, unsigned ranks,
		 struct feed *const feed[DATASET_SPLITS]) MUST_USE;

#endif
