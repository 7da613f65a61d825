/* What branch.c, branch_fetch.c, branch_move.c and writer.c share. */
#ifndef FUSE_BRANCH_INNER_H
#define FUSE_BRANCH_INNER_H

#include "fuse/branch.h"
#include "fuse/nodes.h"

#include <limits.h>

struct branch {
	struct backend *store;
	struct buffers *buffers;
	struct branch_options options;

	pthread_mutex_t lock;	/* guards the nodes, and the writers' begun */
	pthread_cond_t changed; /* a node is no longer busy, written, listed */
	struct nodes *nodes;
	struct writer *writers; /* all that are open */
};

/* All of these with the lock held. */

/* 0, -ESTALE, or -EISDIR or -ENOTDIR if it is not of this kind. */
int branch_find(struct branch *b, uint64_t number, mode_t kind,
		struct node **out) MUST_USE;

/* The same, and what is in it is known. */
int branch_find_listed(struct branch *b, uint64_t number,
		       struct node **out) MUST_USE;

/* A folder has been listed, and not too long ago. */
bool branch_knows(const struct branch *b, const struct node *folder);

/* Have a folder listed that is held.  The lock is not, meanwhile. */
int branch_fetch_now(struct branch *b, struct node *folder) MUST_USE;

/* The same with all folders below it.  0: they were; 1: they are now. */
int branch_fetch_below(struct branch *b, struct node *folder) MUST_USE;

/* The store is being asked about a node, or a folder above it. */
bool branch_is_busy(const struct node *n);

/* Wait until it is not.  The node is held, but may lose its name. */
void branch_await_idle(struct branch *b, const struct node *n);

/* An idle node becomes busy and held, until it is given back. */
void branch_take(struct node *n);
void branch_give_back(struct branch *b, struct node *n); /* NULL is fine */

/* Wait for a writer to finish, for a second.  -EBUSY: it has not. */
int branch_await_writer(struct branch *b, const struct node *n) MUST_USE;

/* An object was begun under this name for a file that has another now, and is
 * not yet committed: when it is, whatever has the name then would be lost.
 * Files without a name, which are not committed, and these two (or NULL) do not
 * count. */
bool writer_has_begun(const struct branch *b, const char *name,
		      const struct node *but, const struct node *nor);

void branch_describe(const struct node *n, struct branch_attr *out);

#endif
