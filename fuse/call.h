/* One request of the kernel's, from call_begin() to exactly one answer.
 *
 * Every answer stops the clock and records the operation before it replies:
 * the reply wakes the caller, who then runs on this CPU and would be counted
 * as ours.
 *
 * A call is small and is copied into a job when its work has to block; then
 * the clock goes on from when the handler got it. */
#ifndef FUSE_CALL_H
#define FUSE_CALL_H

#include "base/recorder.h"

#include <fuse_lowlevel.h>

struct server;
struct space_entry;

struct call_watched { /* watch.c's */
	enum { CALL_UNWATCHED, CALL_WATCHED, CALL_TAKEN } state;
	struct call *next, **at;
	uint64_t since;
};

struct call {
	fuse_req_t req;
	struct server *server;
	enum rec_op op;
	bool unrecorded; /* asks for the figures, so it must not change them */
	uint64_t start_ns;
	struct call_watched watched;

	/* His caller has been answered because he is dying: the work may end
	 * early.  With watch.c's lock held.  Or NULL. */
	void (*given_up)(struct call *c);
};

struct call call_begin(fuse_req_t req, enum rec_op op);

/* 0, or a negative errno. */
void call_status(const struct call *c, int rc);

/* In these, rc < 0 answers with that error instead. */
void call_entry(const struct call *c, int rc, const struct space_entry *e);
void call_attr(const struct call *c, int rc, const struct space_entry *e);
void call_bytes(const struct call *c, ssize_t got, const void *data);
void call_pieces(const struct call *c, ssize_t got, const struct iovec *iov,
		 int n);
void call_written(const struct call *c, int rc, size_t len);

/* -ENOENT: the caller has given up, and there will be no release. */
int call_opened(const struct call *c, const struct fuse_file_info *fi) MUST_USE;
int call_created(const struct call *c, const struct space_entry *e,
		 const struct fuse_file_info *fi) MUST_USE;

/* A negative answer that the kernel may remember. */
void call_no_entry(const struct call *c, const struct space_entry *e);

void call_statfs(const struct call *c, const struct statvfs *st);

/* Nothing is said about forgetting. */
void call_silence(const struct call *c);

/* ---- Blocking work ------------------------------------------------------ */

/* Buffers of a server: a struct of the work at hand in the first page, and the
 * bytes after it, so that neither is allocated for each operation. */
#define CALL_PAGE 4096
#define CALL_BYTES MIB /* the most that one request reads or writes */
#define CALL_BUFFER (CALL_PAGE + CALL_BYTES)

static inline char *call_buffer_bytes(void *buffer)
{
	return (char *)buffer + CALL_PAGE;
}

#endif
