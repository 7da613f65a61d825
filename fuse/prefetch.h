/* The file .dliofs/prefetch: whoever knows what he will read next writes it
 * there, and the mount fetches it ahead of him (io/hints.h).
 *
 *	with open("DIR/.dliofs/prefetch", "w") as f:
 *	    f.write("\n".join(paths))
 *
 * Paths are relative to DIR, in the order of reading, as hintlines.h says.  They
 * are taken as they are written, the last one when the file is closed.  Nothing
 * is promised and nothing fails: what is not there, or is in a folder of a lazy
 * mount that nobody has looked into, is ignored and counted, and the text of
 * this file says how often.  Opening it anew, with O_TRUNC or not, adds to what
 * was said before.  For stores on this machine nothing is done: the kernel reads
 * those ahead itself.
 *
 * A file, and not an ioctl, because every language and every shell can write
 * one, while an ioctl of FUSE takes a buffer of a size fixed by its number.  The
 * price is that the kernel cannot mount us read-only, since then nothing could
 * be opened for writing: handlers answer EROFS instead. */
#ifndef FUSE_PREFETCH_H
#define FUSE_PREFETCH_H

#include <fuse_lowlevel.h>
#include <stdio.h>

struct call;
struct handle;
struct prefetch_file;

/* Each answers its call. */
void prefetch_open(struct call *c, struct fuse_file_info *fi);
void prefetch_write(fuse_req_t req, const char *data, size_t len,
		    struct fuse_file_info *fi);
void prefetch_flush(struct call *c, struct handle *h);

void prefetch_free(struct prefetch_file *f); /* NULL is fine */

/* What has been written so far; arg is the server. */
void prefetch_render(void *arg, FILE *out);

#endif
