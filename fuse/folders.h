/* The handlers of open folders, for ops.c's table. */
#ifndef FUSE_FOLDERS_H
#define FUSE_FOLDERS_H

#include <fuse_lowlevel.h>

void folders_opendir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void folders_readdir(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
		     struct fuse_file_info *fi);
void folders_readdirplus(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
			 struct fuse_file_info *fi);
void folders_releasedir(fuse_req_t req, fuse_ino_t ino,
			struct fuse_file_info *fi);

#endif
