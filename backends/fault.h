/* A filter that makes a store slow or failing, by plan: for tests, and to see
 * what a workload would do on storage that one does not have.
 *
 * Each operation waits for its delay, then fails if the plan says so (and the
 * inner store hears nothing of it), then is done by the inner store.  Reads and
 * appends may also share a bandwidth.  The delay stands for the time to the
 * first byte: a read reports its end as that unless the inner store knows
 * better.
 *
 * Repeatable: the nth operation of a kind has the nth delay drawn from the
 * seed, whichever thread it is on.
 *
 * If anything is planned for reads, a read with OBJECT_READ_NOWAIT gives
 * -EAGAIN and does not count. */
#ifndef BACKENDS_FAULT_H
#define BACKENDS_FAULT_H

#include "backends/backend.h"

enum fault_op {
	FAULT_LIST,
	FAULT_STAT,
	FAULT_REMOVE,
	FAULT_RENAME,
	FAULT_OPEN,
	FAULT_READ,
	FAULT_CREATE,
	FAULT_APPEND,
	FAULT_COMMIT,
	FAULT_OPS
};

enum fault_shape {
	FAULT_NONE,
	FAULT_FIXED,	   /* a_ns */
	FAULT_UNIFORM,	   /* from a_ns to b_ns */
	FAULT_EXPONENTIAL, /* with mean a_ns */
};

/* What happens to one kind of operation.  Zeroed: nothing. */
struct fault_rule {
	enum fault_shape shape;
	uint64_t a_ns, b_ns;

	int error;	      /* a negative errno; 0: none */
	uint64_t error_every; /* the nth, 2nth ... fail; 0 and 1: all do */
	uint64_t error_limit; /* at most so many; 0: no end */
};

struct fault_plan {
	uint64_t seed;
	uint64_t bytes_per_sec; /* of reads and appends together; 0: no cap */
	struct fault_rule rule[FAULT_OPS];

	/* FAULT_OPS counters of the operations that were begun, all 0 now, for
	 * a test that waits until one is; in memory that it shares with who
	 * uses the store, and that outlives it.  NULL: nobody asks. */
	_Atomic uint64_t *begun;
};

/* Takes inner when it succeeds: closing the one closes the other.  The plan is
 * copied.  -EINVAL: a plan that makes no sense. */
int fault_wrap(struct backend *inner, const struct fault_plan *plan,
	       struct backend **out) MUST_USE;

#endif
