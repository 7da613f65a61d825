/* A file of a writable tree (branch.h), open for writing.
 *
 * What a disk could do and an object cannot:
 *
 *	write anywhere but at the end            -ESPIPE
 *	write to a file that exists, untruncated -EOPNOTSUPP
 *	write after fsync() or close()           -EOPNOTSUPP
 *	write while another does                 -EBUSY, after a second's grace
 *	truncate to anything but 0 or its size   -EOPNOTSUPP
 *
 * The file is committed by fsync(), durably, or by close(); draft.h says by
 * which.  A file that cannot be committed is gone once it is closed, or is
 * again what it was.
 *
 * A writer belongs to one thread at a time (strand.h).  "Blocks" means that
 * the store is asked. */
#ifndef FUSE_WRITER_H
#define FUSE_WRITER_H

#include "fuse/branch.h"

struct writer;

/* A new file.  Gives a node to hold. */
int writer_create(struct branch *b, uint64_t folder, const char *name,
		  mode_t mode, uid_t uid, gid_t gid, int64_t process,
		  struct branch_attr *attr, struct writer **out) MUST_USE;

/* A file that exists; truncated, it is a new one.  May wait for the grace. */
int writer_open(struct branch *b, uint64_t number, bool truncated,
		int64_t process, struct writer **out) MUST_USE;

/* Write if that needs only memory; -EAGAIN: it does not. */
int writer_accept(struct writer *w, const void *data, size_t len,
		  uint64_t offset, int64_t process) MUST_USE;

/* All of it or an error.  Blocks. */
int writer_write(struct writer *w, const void *data, size_t len,
		 uint64_t offset, int64_t process) MUST_USE;

int writer_truncate(struct writer *w, uint64_t size) MUST_USE;

/* fsync(), and a close() by a process.  Both may block. */
int writer_sync(struct writer *w) MUST_USE;
int writer_flush(struct writer *w, int64_t process) MUST_USE;

/* The last descriptor is gone: commits what is not.  Blocks.  The error is for
 * whoever counts; the writer is gone either way. */
int writer_close(struct writer *w);

/* The same without committing.  NULL is fine. */
void writer_abandon(struct writer *w);

#endif
