/* What scratch.c, scratch_move.c and writer.c share. */
#ifndef FUSE_SCRATCH_INNER_H
#define FUSE_SCRATCH_INNER_H

#include "fuse/nodes.h"
#include "fuse/scratch.h"

#include <limits.h>

struct scratch {
	struct backend *store;
	struct buffers *buffers;

	pthread_mutex_t lock;	/* guards the nodes, and the writers' begun */
	pthread_cond_t changed; /* a node is no longer busy or written */
	struct nodes *nodes;
	struct writer *writers; /* all that are open */
};

/* All of these with the lock held. */

/* 0, -ESTALE, or -EISDIR or -ENOTDIR if it is not of this kind. */
int scratch_find(struct scratch *s, uint64_t number, mode_t kind,
		 struct node **out) MUST_USE;

/* The store is being asked about a node, or a folder above it. */
bool scratch_is_busy(const struct node *n);

/* Wait until it is not.  The node is held, but may lose its name. */
void scratch_await_idle(struct scratch *s, const struct node *n);

/* An idle node becomes busy and held, until it is given back. */
void scratch_take(struct node *n);
void scratch_give_back(struct scratch *s, struct node *n); /* NULL is fine */

/* Wait for a writer to finish, for a second.  -EBUSY: it has not. */
int scratch_await_writer(struct scratch *s, const struct node *n) MUST_USE;

void scratch_describe(const struct node *n, struct scratch_attr *out);

#endif
