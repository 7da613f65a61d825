/* The handlers of files that are read.
 *
 * What is on this machine is read from the store itself: in the handler if it
 * is at hand, else on the pool.  What is behind a network goes through the
 * block cache (io/cache.h): opening it waits for nothing, and no read holds a
 * thread.  The text of a control file is made when it is opened. */
#ifndef FUSE_READING_H
#define FUSE_READING_H

#include <fuse_lowlevel.h>

/* For ops.c's table. */
void reading_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void reading_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
		  struct fuse_file_info *fi);

#endif
