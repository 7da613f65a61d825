/* A file that is being written: an object begun, but not yet visible.
 *
 * Bytes come in order, front to back; any other offset is -ESPIPE, because no
 * store could do it without keeping the whole object.  Small writes are
 * gathered, so that the store gets aligned pieces of DRAFT_PIECE bytes.  An
 * error of the store stays: every later call returns it.
 *
 * Committed is for ever: what is written after that is -EOPNOTSUPP.
 *
 * When to commit is not obvious, since a descriptor may be shared by many
 * processes, each of which closes it, and the kernel tells of every close but
 * not of how many are left.  `cmd > file` in a shell is: open, fork, dup, close
 * (nothing written yet), and another close by who has written.  The rule of
 * draft_closes(): a close commits if it is the opener's, something was written,
 * and no other process has written without closing since.  Where that is never
 * so, the last one out commits, but nobody waits for it.
 *
 * One thread at a time.  Stores block, and so does everything here except
 * draft_accept() and the questions. */
#ifndef FUSE_DRAFT_H
#define FUSE_DRAFT_H

#include "base/util.h"

struct backend;
struct buffers;
struct draft;

#define DRAFT_PIECE MIB

/* The opener is a process.  The buffers hold DRAFT_PIECE bytes. */
int draft_new(struct backend *store, struct buffers *buffers, int64_t opener,
	      struct draft **out) MUST_USE;

/* Not committed: leaves no trace.  NULL is fine. */
void draft_free(struct draft *d);

/* Take bytes if that needs only memory.  -EAGAIN: use draft_write(). */
int draft_accept(struct draft *d, const void *data, size_t len, uint64_t offset,
		 int64_t process) MUST_USE;

/* name is what the object would be called now.  It is begun under the first
 * name given and committed under the last. */
int draft_write(struct draft *d, const char *name, const void *data, size_t len,
		uint64_t offset, int64_t process) MUST_USE;

/* Make it visible (flags: OBJECT_DURABLE).  Nothing if it is already. */
int draft_commit(struct draft *d, const char *name, unsigned flags) MUST_USE;

/* A process closes its descriptor: commit now? */
bool draft_closes(struct draft *d, int64_t process);

uint64_t draft_size(const struct draft *d);
bool draft_is_committed(const struct draft *d);
int draft_error(const struct draft *d); /* the store's first, or 0 */

#endif
