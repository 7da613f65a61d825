/* The handlers of files that are being written, which are files of writable
 * trees.  What belongs to one open file runs in its strand: in order, one at a
 * time, and on the pool if it might wait. */
#ifndef FUSE_WRITES_H
#define FUSE_WRITES_H

#include <fuse_lowlevel.h>

struct call;
struct handle;

/* For ops.c's table. */
void writes_create(fuse_req_t req, fuse_ino_t folder, const char *name,
		   mode_t mode, struct fuse_file_info *fi);
void writes_write(fuse_req_t req, fuse_ino_t ino, const char *data, size_t len,
		  off_t off, struct fuse_file_info *fi);

/* The writing halves of ops.c's; each answers the call. */
void writes_open(const struct call *c, fuse_ino_t ino,
		 const struct fuse_file_info *fi);
void writes_flush(const struct call *c, struct handle *h);
void writes_sync(const struct call *c, struct handle *h);
void writes_release(const struct call *c, struct handle *h);

#endif
