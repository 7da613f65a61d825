/* The handlers of requests that change names and attributes, for ops.c's
 * table: possible in writable trees, -EROFS elsewhere. */
#ifndef FUSE_CHANGES_H
#define FUSE_CHANGES_H

#include <fuse_lowlevel.h>

void changes_setattr(fuse_req_t req, fuse_ino_t ino, struct stat *to, int set,
		     struct fuse_file_info *fi);
void changes_mkdir(fuse_req_t req, fuse_ino_t folder, const char *name,
		   mode_t mode);
void changes_rmdir(fuse_req_t req, fuse_ino_t folder, const char *name);
void changes_unlink(fuse_req_t req, fuse_ino_t folder, const char *name);
void changes_rename(fuse_req_t req, fuse_ino_t folder, const char *name,
		    fuse_ino_t to_folder, const char *to_name, unsigned flags);

/* What no store has: links, devices, pipes. */
void changes_symlink(fuse_req_t req, const char *to, fuse_ino_t folder,
		     const char *name);
void changes_mknod(fuse_req_t req, fuse_ino_t folder, const char *name,
		   mode_t mode, dev_t device);

#endif
