/* Objects as files below one folder: names, listing, and files that appear
 * whole.  The stores file and direct are this plus their way of moving bytes.
 *
 * A name is the file's path below the root; folders are made as needed and,
 * since they are nothing but prefixes, removed again when the last object in
 * them goes (renamed or removed; the root stays).  Names have been checked by
 * backend.c and cannot leave the root; symbolic links, which only the user can
 * have put there, are followed.  Whatever is not a regular file is not an
 * object, and neither are hidden temporaries (".dliofs-*.tmp").
 *
 * A file that is being written has no name (O_TMPFILE) until it is whole, so a
 * killed writer leaves nothing.  Where the file system cannot do that it has a
 * hidden one, which a kill leaves behind.  /proc must be mounted.
 *
 * root is a descriptor of the root folder.  Any thread; a draft belongs to one
 * at a time.  Only folder_open() logs. */
#ifndef BACKENDS_FOLDER_H
#define BACKENDS_FOLDER_H

#include "backends/backend.h"

struct stat;

int folder_open(const char *path, bool create, int *root) MUST_USE;

int folder_stat(int root, const char *name, struct object_info *out) MUST_USE;

/* Folders that may not be read are left out with a warning, except where the
 * listing starts. */
int folder_list(int root, const char *prefix, enum backend_depth depth,
		backend_list_fn fn, void *arg) MUST_USE;
int folder_remove(int root, const char *name) MUST_USE;
int folder_rename(int root, const char *from, const char *to) MUST_USE;

/* Open a file to read with further flags (O_DIRECT), and what fstat() says. */
int folder_read(int root, const char *name, int flags, int *fd,
		struct stat *st) MUST_USE;

/* A file being written.  Zero it before folder_draft_open(). */
struct folder_draft {
	int root;
	int fd;	    /* write here */
	char *name; /* what it will be called; NULL: nothing is open */
	char *temp; /* what it is called meanwhile; NULL: nothing */
};

int folder_draft_open(struct folder_draft *d, int root, const char *name,
		      int flags) MUST_USE;

/* Give it its name, in place of what has it now. */
int folder_draft_commit(struct folder_draft *d, bool durable) MUST_USE;

/* Close; if it was not committed nothing is left. */
void folder_draft_close(struct folder_draft *d);

#endif
