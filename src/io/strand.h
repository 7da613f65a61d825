/* Jobs that run one at a time, in the order they came, on the threads of a
 * pool: a lock for work that blocks, without threads that wait for it.
 *
 * Any thread may submit.  The job that runs last may drop the strand. */
#ifndef IO_STRAND_H
#define IO_STRAND_H

#include "base/pool.h"

struct strand;

int strand_new(struct pool *p, struct strand **out) MUST_USE;

/* No more is submitted; what was submitted still runs.  NULL is fine. */
void strand_drop(struct strand *s);

/* Never waits. */
void strand_submit(struct strand *s, struct pool_job *job);

/* For what is so short that a thread of the pool is not worth it: true if
 * nothing runs or waits, and then nothing will run until strand_leave(). */
bool strand_try_enter(struct strand *s) MUST_USE;
void strand_leave(struct strand *s);

#endif
