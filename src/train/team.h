/* Several accelerators in one process: members, each a thread that is a rank of
 * its own, and that meet as ranks do.
 *
 * Member 0 is the thread that calls team_run(), so that what is collective over
 * processes (MPI knows one thread) can be done by it for all members: the outer
 * functions, called when all members have come.
 *
 * A member that fails does not leave the others waiting: every meeting from
 * then on ends at once with -ECANCELED, and what failed is said where it
 * failed. */
#ifndef TRAIN_TEAM_H
#define TRAIN_TEAM_H

#include "base/util.h"

struct team;

/* Over all processes; each may be NULL.  0 or a negative errno, for all. */
struct team_outer {
	int (*barrier)(void *arg);
	int (*sum)(void *arg, double *values, size_t n);
	void *arg;
};

struct team_member {
	struct team *team;
	unsigned number;
};

int team_new(unsigned members, const struct team_outer *outer,
	     struct team **out) MUST_USE;
void team_free(struct team *t); /* NULL is fine */

/* Run fn for each member, and wait for all of them.  The first failure, but
 * for -ECANCELED where there is another. */
int team_run(struct team *t, int (*fn)(void *arg, struct team_member *m),
	     void *arg) MUST_USE;

/* For struct train_hooks and struct stats_setup; the argument is a struct
 * team_member.  All members call them, in the same order. */
int team_barrier(void *member) MUST_USE;
int team_sum(void *member, double *values, size_t n) MUST_USE;

#endif
