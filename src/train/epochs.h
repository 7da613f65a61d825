/* The epochs of a run, one after another: caches dropped if that is wanted;
 * each batch waited for and computed on; evaluation if it is due; checkpoints
 * by step or by epoch; and an account of what was read meanwhile.
 *
 * One thread at a time.  What happens is reported to stats, on clock_ns(). */
#ifndef TRAIN_EPOCHS_H
#define TRAIN_EPOCHS_H

#include "train/compute.h"
#include "train/feed.h"
#include "train/saver.h"

struct dlog;
struct train_env;
struct train_result;

/* Who fills this in keeps what it points to. */
struct epochs {
	const struct train_env *env;
	struct dlog *log;		   /* NULL: say nothing */
	struct feed *feed[DATASET_SPLITS]; /* NULL: not read */
	struct saver *saver;
	struct compute step, eval;   /* of a batch, of training or not */
	struct train_result *result; /* with room for all epochs */

	uint64_t number;    /* of the last one begun: 1, 2, …; at first 0 */
	uint64_t next_eval; /* no evaluation before this one */
};

/* Run the next.  0, or the first error: logged where it is not -EINTR (*stop).
 * The result has what was done until then. */
int epochs_next(struct epochs *e) MUST_USE;

#endif
