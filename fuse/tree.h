/* The immutable part of a mount: folders and files, known before it starts.
 *
 * Built by tree_add_*() in any order by one thread, then sealed, and after
 * that const: any number of threads may ask, and no lock is needed.  A node is
 * a number: the root is 1, as FUSE wants it.  Per file: 24 bytes, the name,
 * and 11 to 21 bytes of hash table, so ten million files with names of 25 bytes
 * take 0.7 GB; building takes some 24 bytes more.
 *
 * A file belongs to an export, which is a folder of the mount that shows a
 * store; the file's path below that folder is the name of its object.  Paths
 * have no empty, "." or ".." parts.  Where a file and a folder have one name,
 * in whatever order they come, the folder wins and tree_hidden() counts the
 * file.
 *
 * Nothing here knows FUSE. */
#ifndef FUSE_TREE_H
#define FUSE_TREE_H

#include "base/util.h"

#include <sys/types.h>

struct tree;

#define TREE_ROOT 1u
#define TREE_EXPORTS 255u

enum tree_kind {
	TREE_FOLDER,
	TREE_FILE,
	TREE_GRAFT, /* a folder whose inside is elsewhere */
};

struct tree_node {
	enum tree_kind kind;
	unsigned export;   /* of files and grafts */
	uint64_t size;	   /* of files */
	int64_t mtime_ns;  /* the tree's where the file's is not known */
	uint32_t children; /* of folders: how many */
};

/* mtime_ns is every folder's, and that of files that have none. */
int tree_new(int64_t mtime_ns, struct tree **out) MUST_USE;
void tree_free(struct tree *t); /* NULL is fine */

/* All additions return 0 or:
 *
 *	-EINVAL        not a path, or no such export
 *	-ENAMETOOLONG  a part of more than 255 bytes, a path of 4096 or more
 *	-EISDIR        a file where there is a folder: hidden, see above
 *	-EEXIST        a file, export or graft twice; anything inside a graft
 *	-EFBIG         more than 2^32 nodes or bytes of names; a file of 2^48
 *	-ENOMEM
 *
 * after which the tree is as before, perhaps with some more folders. */

/* Say where in the mount an export is, "" for the root, before adding its
 * files.  Folders on the way are added, here and below. */
int tree_add_export(struct tree *t, unsigned export, const char *path) MUST_USE;

/* name is the object's: below the export's folder. */
int tree_add_file(struct tree *t, unsigned export, const char *name,
		  uint64_t size, int64_t mtime_ns) MUST_USE;
int tree_add_folder(struct tree *t, unsigned export, const char *name) MUST_USE;

/* A folder of the mount whose inside somebody else answers for. */
int tree_add_graft(struct tree *t, unsigned export, const char *path) MUST_USE;

/* No more additions.  From here on nodes have numbers. */
int tree_seal(struct tree *t) MUST_USE;

/* The node of a name in a folder, or 0. */
uint32_t tree_lookup(const struct tree *t, uint32_t folder, const char *name);

/* false: no such node. */
bool tree_get(const struct tree *t, uint32_t node, struct tree_node *out);

const char *tree_name(const struct tree *t, uint32_t node);
uint32_t tree_parent(const struct tree *t, uint32_t node); /* root: root */

/* The i'th child of a folder, or 0 after the last.  The order is that in which
 * they were added, and never changes. */
uint32_t tree_child(const struct tree *t, uint32_t folder, uint32_t i);

/* The name of a file's object in its store.  Its length, or -ENAMETOOLONG. */
ssize_t tree_object_name(const struct tree *t, uint32_t node, char *out,
			 size_t size) MUST_USE;

/* For reports. */
uint64_t tree_files(const struct tree *t);
uint64_t tree_file_bytes(const struct tree *t); /* the sum of sizes */
uint64_t tree_hidden(const struct tree *t);
size_t tree_memory(const struct tree *t);

#endif
