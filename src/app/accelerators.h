/* The accelerators of this process (dliofs.train.accelerators_per_rank): each
 * is a rank of the trainer's, with workers and statistics of its own, in a
 * thread; the first one is the calling thread.  Of R processes with A each,
 * accelerator a of process r is rank r * A + a of R * A. */
#ifndef APP_ACCELERATORS_H
#define APP_ACCELERATORS_H

#include "app/announcer.h"
#include "app/run.h"
#include "train/stats.h"
#include "train/train.h"

struct accelerators_setup {
	struct run *run;
	struct source *data, *checkpoints; /* NULL where not needed */
	struct announcer *announcer;
	bool generated;
	bool sees_store; /* the run's recorder counts what it delivers */
};

struct accelerators {
	unsigned n;
	struct stats **stats;	    /* of each; the first is told of */
	struct train_result result; /* of all */
};

/* How many ranks of the trainer there are in all. */
unsigned accelerators_count(const struct run *r);

/* Collective over processes: train, up to stats_finish().  Errors are logged;
 * clear what came of it in any case. */
int accelerators_run(const struct accelerators_setup *setup,
		     struct accelerators *out) MUST_USE;
int accelerators_save(struct accelerators *a) MUST_USE;
void accelerators_clear(struct accelerators *a);

#endif
