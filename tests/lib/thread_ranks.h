/* Ranks that are threads of one process, to test what ranks do together. */
#ifndef TESTS_LIB_THREAD_RANKS_H
#define TESTS_LIB_THREAD_RANKS_H

#include "app/ranks.h"

/* Run fn as each of `size` ranks, all on this host.  Each gets a wire to open and
 * to close.  Gives how many of them aborted the run. */
struct thread_rank {
	struct ranks_wire *wire;
	void *arg;
};
typedef void (*thread_ranks_fn)(struct thread_rank *rank);
unsigned thread_ranks_run(unsigned size, thread_ranks_fn fn, void *arg);

#endif
