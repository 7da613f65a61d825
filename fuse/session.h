/* A libfuse session in a thread of its own: from mounting to the end of the
 * connection.  Knows requests only as calls of ops_table()'s handlers. */
#ifndef FUSE_SESSION_H
#define FUSE_SESSION_H

#include "base/util.h"

struct server;
struct session;

/* Mount and begin to answer. */
int session_open(struct server *s, const char *mountpoint, const char *source,
		 bool allow_other, struct session **out) MUST_USE;

/* Wait until the kernel's first request has been answered. */
int session_wait_ready(struct session *se, unsigned seconds) MUST_USE;

/* Readable once the connection has ended, by an unmount or a cut. */
int session_end_fd(const struct session *se);
bool session_has_ended(const struct session *se);

/* End the connection: whoever waits for an answer, or asks, gets ENOTCONN. */
void session_cut(struct session *se);

/* Wait for the end. */
void session_join(struct session *se); /* NULL is fine */

/* After the end: 0, or what libfuse stumbled on. */
int session_result(const struct session *se);

/* After the end, and after the last answer.  NULL is fine. */
void session_close(struct session *se);

/* libfuse's version. */
const char *session_library(void);

#endif
