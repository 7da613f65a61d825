/* What space.c, space_new.c and dirlist.c share. */
#ifndef FUSE_SPACE_INNER_H
#define FUSE_SPACE_INNER_H

#include "fuse/space.h"
#include "fuse/tree.h"

#define SPACE_NO_EXPORT TREE_EXPORTS

/* Seconds for which the kernel need not ask again: what never changes, and what
 * changes through this mount, where the kernel sees it, or when it is listed
 * anew. */
#define SPACE_FOR_EVER 86400.0
#define SPACE_SHORTLY 1.0

struct space {
	struct tree *tree;
	struct control *control;
	struct backend *stores[TREE_EXPORTS];
	struct branch *branches[TREE_EXPORTS];
	struct {
		bool writable;
		double timeout; /* of its names and attributes */
	} rules[TREE_EXPORTS];	/* of branches */
	unsigned root_export;	/* a branch at the root, or SPACE_NO_EXPORT */

	uint32_t blksize;
	uid_t uid;
	gid_t gid;
	int64_t mtime_ns; /* when it was made */
};

/* Where a node of the tree leads: a graft is the root of another tree. */
struct space_place space_node_place(const struct space *sp, uint32_t node);

#endif
