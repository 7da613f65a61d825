/* A pool of threads for work that blocks, so that FUSE handlers never do.
 *
 * The number of threads is the one setting for concurrency against a store,
 * the same for every store.  Jobs are the caller's memory: embed struct
 * pool_job, submit it, and do not touch it until run() is called, on a thread
 * of the pool.  run() may free the job and may submit others. */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include "base/util.h"

struct pool;

struct pool_job {
	void (*run)(struct pool_job *job);
	struct pool_job *next; /* the pool's */
};

int pool_new(unsigned threads, struct pool **out) MUST_USE;

/* Finishes every job submitted, then ends the threads.  Only jobs may still
 * submit.  NULL is fine. */
void pool_free(struct pool *p);

/* Never waits; any thread. */
void pool_submit(struct pool *p, struct pool_job *job);

/* Jobs submitted and not yet begun: a gauge. */
size_t pool_waiting(struct pool *p);

/* Wait until no job is waiting or running.  -ETIMEDOUT: clock_ns() has reached
 * the deadline and some are. */
int pool_drain(struct pool *p, uint64_t deadline_ns) MUST_USE;

#endif
