/* What the handlers of a mount share.  Const after mount_open(), but for what
 * guards itself. */
#ifndef FUSE_SERVER_H
#define FUSE_SERVER_H

#include "fuse/mount.h"

struct buffers;
struct cache;
struct handle_set;
struct pool;
struct space;
struct watch;

struct server {
	struct space *space;
	struct pool *pool;	    /* for all that blocks */
	struct pool *openers;	    /* the same for opens that may wait for a
				     * writer, who needs a thread meanwhile;
				     * NULL: nothing is writable */
	struct buffers *buffers;    /* of CALL_BUFFER bytes */
	struct handle_set *handles; /* everything open */
	struct watch *watch;	    /* on callers that wait */
	struct cache *cache;	    /* NULL: every store is on this machine */
	struct recorder *recorder;
	enum mount_cache cache_policy;
	bool writable; /* some export is */

	/* Lines of the file prefetch. */
	_Atomic uint64_t hints_taken, hints_ignored;

	/* For the session. */
	unsigned fuse_threads;
	uint32_t max_background;
};

/* Fills a zeroed server in.  Logged where it is not for want of memory. */
int server_open(struct server *s, const struct mount_options *o) MUST_USE;

/* When no handler runs any more: wait until nothing is underway.  -ETIMEDOUT. */
int server_drain(struct server *s, uint64_t deadline_ns) MUST_USE;

/* When no handler runs any more.  Files that are being written are committed,
 * or leave nothing.  Half open is fine. */
void server_close(struct server *s, bool commit);

#endif
