/* Emulated time: what an accelerator, or a worker that preprocesses, is busy
 * for.  Distributions are DLIO's (its `computation_time` and friends): a
 * number that is drawn, made positive, and slept.
 *
 * A struct compute belongs to one thread. */
#ifndef TRAIN_COMPUTE_H
#define TRAIN_COMPUTE_H

#include "base/rng.h"
#include "config/config.h"

#include <stdatomic.h>

struct compute {
	struct config_time time;
	struct rng rng;
};

void compute_init(struct compute *c, const struct config_time *time,
		  uint64_t seed);

/* The next duration, in ns.  At most COMPUTE_MAX_NS; 0 for what is no number. */
#define COMPUTE_MAX_NS ((uint64_t)1 << 62)
uint64_t compute_draw(struct compute *c);

/* Be busy for the next duration, counted from from_ns, which is when the caller
 * began: what passed since is not slept again, so a long run does not drift.
 * Returns the moment it ended, at most COMPUTE_LATE_NS after *stop (NULL is
 * fine) became true. */
#define COMPUTE_LATE_NS (NS_PER_SEC / 10)
uint64_t compute_run(struct compute *c, uint64_t from_ns,
		     const atomic_bool *stop);

#endif
