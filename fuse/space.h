/* What a mount shows, under one numbering: the immutable tree, the branches
 * (writable, or listed as one goes) grafted into it, and the control files.
 *
 *	1 … 2^32             nodes of the tree; 1 is the root of the mount
 *	2^62 …               the control folder and its files
 *	2^63 + export * 2^48 nodes of a branch
 *
 * A branch at the root of the mount answers for 1 as well.
 *
 * Any thread.  Only space_open() blocks. */
#ifndef FUSE_SPACE_H
#define FUSE_SPACE_H

#include "fuse/mount.h"

#include <limits.h>
#include <sys/stat.h>

struct buffers;
struct object;
struct branch;
struct branch_attr;
struct space;

#define SPACE_ROOT 1u

enum space_area { SPACE_TREE, SPACE_CONTROL, SPACE_BRANCH };

/* Where a number leads. */
struct space_place {
	enum space_area area;
	unsigned export; /* of a branch */
	struct branch *branch;
	uint64_t number; /* there; of control files: 0 is the folder */
};

struct space_entry {
	struct stat st;
	double timeout; /* seconds for which the kernel may believe it */
};

/* Builds all of it from the options: exports, fill, control, blksize. */
int space_new(const struct mount_options *options, struct buffers *buffers,
	      struct space **out) MUST_USE;
void space_free(struct space *sp); /* NULL is fine */

struct space_place space_place(const struct space *sp, uint64_t ino);
uint64_t space_ino(const struct space_place *place);

/* What is in a folder is known, or at least what has this name there (NULL:
 * all of it).  If not, looking up and listing there is -EAGAIN: later.h waits
 * for it. */
bool space_is_listed(const struct space *sp, uint64_t folder, const char *name);

/* The kernel may keep what it has listed of a folder. */
bool space_is_constant(const struct space *sp, uint64_t folder);

/* -ENOENT sets timeout too: for so long there is no such name.  The kernel
 * holds what it finds until space_forget(). */
int space_lookup(const struct space *sp, uint64_t folder, const char *name,
		 struct space_entry *out) MUST_USE;

/* The name of the control files' folder, which no listing shows, and which hides
 * what the store may have there. */
bool space_is_control(uint64_t folder, const char *name);

void space_forget(const struct space *sp, uint64_t ino, uint64_t holds);
int space_stat(const struct space *sp, uint64_t ino,
	       struct space_entry *out) MUST_USE;

/* What the kernel is told of a node of a branch. */
void space_describe(const struct space *sp, const struct space_place *p,
		    const struct branch_attr *attr, struct space_entry *out);

/* The writable tree that a number is in, or -EROFS. */
int space_writable(const struct space *sp, uint64_t ino,
		   struct space_place *out) MUST_USE;

/* space_open() will not wait for a network, nor for a writer. */
bool space_opens_at_once(const struct space *sp, uint64_t ino);

/* Where the bytes of a file are that nobody writes, nor lists anew: it can be
 * opened without asking the store for anything. */
struct space_object {
	struct backend *store;
	uint64_t size;
	char name[PATH_MAX];
};
int space_object(const struct space *sp, uint64_t ino,
		 struct space_object *out) MUST_USE;

/* The same for a path from the mount's root.  -EAGAIN: it is in a folder that
 * is not listed. */
int space_find(const struct space *sp, const char *path,
	       struct space_object *out) MUST_USE;

/* A control file that can be written. */
bool space_takes_text(const struct space *sp, uint64_t ino) MUST_USE;

/* A file to read, and of a writable tree its edition.  -ESTALE: it is not of the
 * size that the tree says. */
int space_open(const struct space *sp, uint64_t ino, struct object **out,
	       uint64_t *edition) MUST_USE;

/* The text of a control file, the caller's to free. */
int space_render(const struct space *sp, uint64_t ino, char **text,
		 size_t *len) MUST_USE;

/* Totals, for statfs. */
void space_totals(const struct space *sp, uint64_t *files, uint64_t *bytes);

#endif
