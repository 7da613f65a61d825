/* Objects as files below one folder: what the stores file and direct share,
 * with newfile.h for writing and walk.h for listing.
 *
 * A name is the file's path below the root; folders are made as needed and,
 * since they are nothing but prefixes, removed again when the last object in
 * them goes (renamed or removed; the root stays).  Names have been checked by
 * backend.c and cannot leave the root; symbolic links, which only the user can
 * have put there, are followed.  Whatever is not a regular file is not an
 * object, and neither are hidden temporaries (see newfile.h).
 *
 * root is a descriptor of the root folder.  Any thread.  Only folder_open()
 * logs. */
#ifndef BACKENDS_FOLDER_H
#define BACKENDS_FOLDER_H

#include "backends/backend.h"

struct stat;

int folder_open(const char *path, bool create, int *root) MUST_USE;

/* Whether it is on a file system of this machine, as far as we know them.  What
 * is mounted below may be another's. */
bool folder_is_local(int root);

/* What is free there for who asks, in bytes; UINT64_MAX: it does not say. */
uint64_t folder_room(int root);

int folder_stat(int root, const char *name, struct object_info *out) MUST_USE;
int folder_remove(int root, const char *name) MUST_USE;
int folder_rename(int root, const char *from, const char *to) MUST_USE;

/* Open a file to read with further flags (O_DIRECT), and what fstat() says. */
int folder_read(int root, const char *name, int flags, int *fd,
		struct stat *st) MUST_USE;

/* ---- For newfile.c and walk.c ------------------------------------------ */

/* Give a name, in folders that are made, to what is called from; or if that is
 * NULL to the nameless file fd, for which the name must be free. */
int folder_place(int root, int fd, const char *from, const char *to) MUST_USE;

/* Make the entries of all folders above name durable: any may be new. */
int folder_sync_parents(int root, const char *name) MUST_USE;

/* Cut the last part off: "a/b" becomes "a", and "a" becomes "", which is the
 * root, which system calls know as ".". */
void folder_go_up(char *name);
const char *folder_or_root(const char *folder);

struct object_info folder_info(const struct stat *st);

#endif
