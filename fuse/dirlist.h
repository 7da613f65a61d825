/* A folder's names, for readdir: numbered from 0, "." and ".." first, in an
 * order that does not change.  In a writable tree they are those of the moment
 * the list was opened.  One list, one thread at a time. */
#ifndef FUSE_DIRLIST_H
#define FUSE_DIRLIST_H

#include "base/util.h"

struct dirlist;
struct space;
struct stat;

int dirlist_open(const struct space *sp, uint64_t ino,
		 struct dirlist **out) MUST_USE;
void dirlist_close(struct dirlist *l); /* NULL is fine */

/* NULL: there are no more.  *st gets the name's number and type. */
const char *dirlist_name(const struct dirlist *l, uint64_t i, struct stat *st);

#endif
