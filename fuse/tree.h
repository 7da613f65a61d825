/* The immutable part of a mount: folders and files, known before it starts.
 *
 * Built by tree_add_*() in any order by one thread, then sealed, and after
 * that const: any number of threads may ask, and no lock is needed.  A node is
 * a number: the root is 1, as FUSE wants it.  Ten million files take about
 * 0.6 GB: 24 bytes each, the name, and 4 to 11 bytes of hash table; see
 * tree_bytes().
 *
 * Paths are relative to the mount, "data/train/img_0.npz", without empty, "."
 * or ".." parts.  Where a file and a folder have one name, in whatever order
 * they come, the folder wins and tree_hidden() counts the file.
 *
 * Nothing here knows FUSE. */
#ifndef FUSE_TREE_H
#define FUSE_TREE_H

#include "base/util.h"

struct backend;
struct tree;

#define TREE_ROOT 1u
#define TREE_EXPORTS 255

enum tree_kind {
	TREE_FOLDER,
	TREE_FILE,
	TREE_GRAFT, /* a folder whose inside is elsewhere */
};

struct tree_node {
	enum tree_kind kind;
	unsigned export;   /* files and grafts: the number they came with */
	uint64_t size;	   /* files */
	int64_t mtime_ns;  /* the tree's where the file's is not known */
	uint32_t children; /* folders: how many */
};

/* mtime_ns is every folder's, and that of files that have none. */
int tree_new(int64_t mtime_ns, struct tree **out) MUST_USE;
void tree_free(struct tree *t); /* NULL is fine */

/* Before adding files of an export: where in the mount it is ("" for the
 * root).  Its objects' names are relative to that. */
int tree_add_export(struct tree *t, const char *path, unsigned export) MUST_USE;

/* The folders above are added too.  -EINVAL: not a path; -ENAMETOOLONG: a part
 * of more than 255 bytes; -EEXIST: a file twice, or something in a graft;
 * -EISDIR: there is a folder of that name; -EFBIG: more than 2^32 nodes or
 * bytes of names, or a size of 2^48 or more; -ENOMEM. */
int tree_add_folder(struct tree *t, const char *path) MUST_USE;
int tree_add_file(struct tree *t, const char *path, unsigned export,
		  uint64_t size, int64_t mtime_ns) MUST_USE;
int tree_add_graft(struct tree *t, const char *path, unsigned export) MUST_USE;

/* Add all that a store lists, as files of an export that was added.  Names
 * that cannot be paths are left out, with one warning for all of them. */
int tree_list(struct tree *t, unsigned export, struct backend *b) MUST_USE;

/* Files that a folder of the same name hides. */
uint64_t tree_hidden(const struct tree *t);

/* No more additions; from here on nodes have numbers. */
int tree_seal(struct tree *t) MUST_USE;

/* The node of a name in a folder, or 0. */
uint32_t tree_lookup(const struct tree *t, uint32_t folder, const char *name);

/* false: no such node. */
bool tree_get(const struct tree *t, uint32_t node, struct tree_node *out);

const char *tree_name(const struct tree *t, uint32_t node);
uint32_t tree_parent(const struct tree *t, uint32_t node); /* root: root */

/* The i'th child of a folder, or 0 after the last.  The order never changes. */
uint32_t tree_child(const struct tree *t, uint32_t folder, uint32_t i);

/* The name of a file's object in its export's store.  Its length, or
 * -ENAMETOOLONG. */
ssize_t tree_object_name(const struct tree *t, uint32_t node, char *out,
			 size_t size) MUST_USE;

/* Nodes, files, and memory in use, for reports. */
uint32_t tree_count(const struct tree *t);
uint64_t tree_files(const struct tree *t);
uint64_t tree_file_bytes(const struct tree *t);
size_t tree_bytes(const struct tree *t);

#endif
