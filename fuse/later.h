/* Calls that wait for a folder of a branch to be listed (branch.h), while no
 * thread waits with them: one of the pool lists, and answers for all. */
#ifndef FUSE_LATER_H
#define FUSE_LATER_H

#include "fuse/call.h"

/* What a handler would have done, had it not had to wait.  Answers the call;
 * name and fi are copies, or NULL. */
typedef void (*later_fn)(struct call *c, fuse_ino_t folder, const char *name,
			 struct fuse_file_info *fi);

/* The folder is not listed (space_is_listed()): do it then.  If listing fails,
 * the call is answered with that. */
void later_do(const struct call *c, fuse_ino_t folder, const char *name,
	      const struct fuse_file_info *fi, later_fn fn);

#endif
