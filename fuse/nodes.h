/* Folders and files that come and go: the memory of a writable tree.
 *
 * A node is known by a number, which is never given twice, and by its name in
 * its folder.  It lives while it has a name or somebody holds it: who is told
 * of a node (the kernel, by lookup) holds it until nodes_release().
 *
 * No locks: the caller's (branch.c).  Nothing here knows FUSE or a store. */
#ifndef FUSE_NODES_H
#define FUSE_NODES_H

#include "base/util.h"

#include <sys/types.h>

#define NODES_ROOT 1u

struct branch_wait;
struct draft;
struct nodes;

struct node {
	uint64_t number;
	mode_t mode; /* S_IFDIR or S_IFREG, and permissions */
	uid_t uid;
	gid_t gid;
	uint64_t size;
	int64_t atime_ns, mtime_ns, ctime_ns;

	struct node *parent; /* NULL: the root, or without a name */
	char *name;
	uint32_t n_children;

	/* For the owner of the tree; zero in a new node. */
	bool stored;		/* there is an object under its name */
	bool busy;		/* a store is being asked about it */
	bool awaits;		/* a folder: something is being moved into it */
	bool may_be_written_to; /* a folder: the store has said so */
	uint64_t stored_size;
	struct draft *draft;  /* it is being written */
	uint64_t edition;     /* how often that was begun */
	bool listed, listing; /* a folder: what the store has is here; or a
				* thread is finding out, ... */
	bool to_be_listed;    /* ... or will, when it comes to it */
	uint64_t listed_ns;   /* clock_ns() then */
	uint64_t seen;	      /* listed_ns of the folder that it was last in */
	struct branch_wait *waiting; /* for the listing */

	/* Ours. */
	uint64_t holds;
	struct node *children, *next, *previous; /* siblings */
	struct node *next_in_slot;
};

/* The root has this mode and owner. */
int nodes_new(mode_t mode, uid_t uid, gid_t gid, struct nodes **out) MUST_USE;
void nodes_free(struct nodes *ns); /* NULL is fine */

/* NULL: no such node. */
struct node *nodes_get(const struct nodes *ns, uint64_t number);
struct node *nodes_find(const struct nodes *ns, const struct node *folder,
			const char *name);

/* A new node of a name that is free.  -EINVAL, -ENAMETOOLONG: not a name;
 * -ENOMEM. */
int nodes_add(struct nodes *ns, struct node *folder, const char *name,
	      mode_t mode, struct node **out) MUST_USE;

/* Take its name away.  A folder has no children then. */
void nodes_unlink(struct nodes *ns, struct node *n);

/* A name for nodes_move(); the caller's to free.  Fails as nodes_add(). */
int nodes_make_name(const char *name, char **out) MUST_USE;

/* Give it a name that is free, instead of the one it has.  Takes the name, and
 * cannot fail: the store may have been told already. */
void nodes_move(struct nodes *ns, struct node *n, struct node *folder,
		char *name);

void nodes_hold(struct node *n);
void nodes_release(struct nodes *ns, struct node *n, uint64_t holds);

/* Whether n is folder or somewhere below it. */
bool nodes_is_below(const struct node *n, const struct node *folder);

/* Path below the root.  -ENOENT: without a name; -ENAMETOOLONG. */
int nodes_name(const struct node *n, char *out, size_t size) MUST_USE;

/* The first child, and the one after. */
struct node *nodes_first(const struct node *folder);
struct node *nodes_next(const struct node *child);

/* Calls fn for each node below a folder, a folder before what is in it, until
 * it gives something else than 0, which is returned.  fn does not change the
 * tree. */
int nodes_each(struct node *folder, int (*fn)(void *arg, struct node *n),
	       void *arg);

#endif
