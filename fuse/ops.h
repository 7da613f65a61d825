/* The handlers: what libfuse calls for each request of the kernel's.
 *
 * A handler finds what the request is about, asks it, records and replies, on
 * every path exactly once, and never waits: what might is done by a job of the
 * pool.  What opens, writes and commits files is in writes.c, what changes names
 * and attributes in changes.c, what lists folders in folders.c. */
#ifndef FUSE_OPS_H
#define FUSE_OPS_H

#include <fuse_lowlevel.h>

/* For fuse_session_new(), with a struct server as user data. */
const struct fuse_lowlevel_ops *ops_table(void);

#endif
