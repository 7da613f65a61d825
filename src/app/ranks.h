/* The ranks of a run: processes that `mpirun` has started together, on one host
 * or several.  A process that was started alone is one rank of one, and MPI is
 * not even initialised.
 *
 * All functions are called on the main thread.  Those marked collective are
 * called by all ranks, in the same order.
 *
 * A rank that fails tells the others when they meet next: in each collective
 * call all learn of the first failure, and from then on every one returns at
 * once, on all ranks: -ECANCELED where the failure is another's, which has been
 * said there.  So an error needs no care but to be passed on, up to
 * ranks_close().  If the others do not come within seconds, because they have
 * hours of work before them, the run is aborted, which is a SIGTERM to each.
 *
 * A host is what can share a mount: a kernel, a network and a mount namespace,
 * and a host name.  Hosts, and the ranks of a host, count in order of rank.
 *
 * A rank that waits for others sleeps after a moment of asking again and again:
 * readers of data may need the CPU. */
#ifndef APP_RANKS_H
#define APP_RANKS_H

#include "base/util.h"

struct ranks_wire;

#define RANKS_HOST_SIZE 65

struct ranks {
	unsigned rank, size;	       /* of all: 0, 1 if alone */
	unsigned node, nodes;	       /* this host's number, of all hosts */
	unsigned node_rank, node_size; /* rank among this host's ranks */
	char host[RANKS_HOST_SIZE];

	/* Not the callers'. */
	struct ranks_wire *wire; /* NULL: alone */
	int verdict;		 /* being exchanged */
	int failure;		 /* the first, of whomever */
	bool lost;		 /* others will not come any more */
	bool alarmed;		 /* some rank has failed */
};

/* How many processes a launcher says that it has started together, before
 * anybody has asked MPI; 1: none says so. */
unsigned long ranks_started(void);

/* Collective.  With more than one rank, messages name rank and host from here
 * on, and only rank 0 says what is no error. */
int ranks_open(struct ranks **out) MUST_USE;

/* The same by a wire that is there already; taken. */
int ranks_open_by(struct ranks_wire *wire, struct ranks **out) MUST_USE;

/* Collective: the end, with what the run came to on this rank.  Gives what it
 * came to on any: 0, or the failure.  NULL is a rank alone. */
int ranks_close(struct ranks *r, int rc);

/* Collective: wait for all.  rc if that is an error, 0 if it is none anywhere,
 * else -ECANCELED. */
int ranks_agree(struct ranks *r, int rc) MUST_USE;

/* For work without meetings, now and then: where another rank has failed, ask
 * this one to stop (stop.h).  The -EINTR that comes of it is the other's
 * failure for ranks_agree(). */
void ranks_poll(struct ranks *r);

/* Collective: rank 0 does it first, and only if that went well do the others:
 * what is wrong for all is said once. */
int ranks_in_turn(struct ranks *r, int (*fn)(void *arg), void *arg) MUST_USE;

/* Collective, also after a failure: wait for all, but then for seconds only. */
void ranks_settle(struct ranks *r);

/* Collective: replace each value by its sum over all ranks.  For struct
 * stats_setup: the first argument is a struct ranks. */
int ranks_sum(void *ranks, double *values, size_t n) MUST_USE;

/* Collective: rank 0's bytes, or those of this host's first rank, to all. */
int ranks_tell(struct ranks *r, void *data, size_t len) MUST_USE;
int ranks_tell_host(struct ranks *r, void *data, size_t len) MUST_USE;

/* Collective: every rank's bytes, as many as each has, to rank 0, where fn gets
 * them in order of rank.  What is not 0 from fn ends that and is returned. */
typedef int (*ranks_take_fn)(void *arg, unsigned rank, const void *data,
			     size_t len);
int ranks_gather(struct ranks *r, const void *data, size_t len,
		 ranks_take_fn fn, void *arg) MUST_USE;

/* Fill in who is where, from each rank's number for its host. */
void ranks_place(struct ranks *r, const uint64_t *host_of_rank);

#endif
