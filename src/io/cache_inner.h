/* What the parts of the cache share.  One lock guards all of it; functions of
 * the parts are called with the lock held unless they say otherwise.
 *
 *	cache.c    files and readers; the way in
 *	blocks.c   blocks of a file: found, made, dropped
 *	reads.c    reads: from asking to answering
 *	fetches.c  the queue to the store
 *	ahead.c    windows
 *	hints.c    what readers have announced
 *	files.c    the objects that are known */
#ifndef IO_CACHE_INNER_H
#define IO_CACHE_INNER_H

#include "io/cache.h"
#include "io/list.h"
#include "io/streams.h"
#include "io/versions.h"

#include <stdatomic.h>

#define CACHE_BUCKETS 4096u

enum block_state {
	BLOCK_NEW, /* of a read that is not yet sure of its memory */
	BLOCK_QUEUED,
	BLOCK_FETCHING,
	BLOCK_READY,
	BLOCK_FAILED, /* in no file any more; goes with its last hold */
};

struct block {
	struct cache_file *file;
	uint64_t offset;
	size_t len;
	char *data;
	enum block_state state;
	bool demanded; /* queued with those that somebody waits for */
	bool parked;   /* queued, but its file is being opened */
	bool given_up; /* cancelled, at least for a time */
	bool ahead;    /* counted in cache.ahead: nobody has read it yet */
	bool hinted; /* counted in cache.hints: nobody has opened it yet … */
	bool ranged; /* … or, of a hint at a range, read it */
	uint64_t hinted_at;  /* hints.clock when it was made */
	_Atomic bool cancel; /* for the store */
	unsigned holds;	     /* by reads */
	uint64_t read;	     /* bytes */

	struct block *next, **at;    /* in its chunk, by offset */
	struct link link;	     /* queued, parked, unread or unused */
	struct cache_piece *waiting; /* until it is ready */
};

struct cache_file {
	struct cache *cache;
	struct backend *store; /* NULL: adopted */
	char *name;
	uint64_t hash; /* of both, or kept_as; 0: its version is no matter */
	uint64_t size;
	struct cache_file *next, **at; /* in its bucket; or at is NULL */

	struct object *object; /* once a fetch has opened it */
	bool opening;
	struct link parked; /* blocks that wait for that */

	int error;  /* it has changed: every read gets this */
	bool fresh; /* nothing is kept beyond the last close */
	struct link readers;
	unsigned n_readers, n_blocks, n_hinted;
	struct link opened; /* in cache.opened, while it has readers */
	bool old;	    /* replaced since it was opened */

	uint64_t n_chunks;
	struct block **chunks; /* lists by offset, for each CACHE_BLOCK */
};

struct cache_reader {
	struct cache_file *file;
	struct link link; /* of the file */
	struct streams streams;
	bool streaming;	      /* counted in cache.streaming */
	struct link behind;   /* in cache.behind: a window is not full */
	bool replaced, apart; /* see cache.h */
};

struct hint {
	struct link link;	 /* in hints.queue */
	struct hint *next, **at; /* in its bucket */
	struct backend *store;
	uint64_t size, begin, end; /* begin moves on as blocks are made */
	bool ranged;
	char name[];
};

/* Zero but for the lists while nobody hints. */
struct hints {
	struct link queue; /* those that wait */
	struct link ready; /* blocks that have come, the oldest first */
	struct hint *buckets[CACHE_BUCKETS];
	unsigned waiting, ranged; /* hints; those at ranges */
	unsigned blocks;	  /* hinted, coming or ready */
	uint64_t bytes;		  /* of them */
	uint64_t clock;		  /* hints and blocks used so far */
};

/* A job of the pool's, which fetches one block after the other. */
struct fetcher {
	struct cache *cache;
	struct pool_job job;
	struct fetcher *next;
};

struct cache {
	struct pool *pool;
	unsigned concurrency;
	uint64_t block;	     /* most bytes of one, a power of two */
	uint64_t ahead_most; /* bytes */
	uint64_t hints_most; /* of them */
	struct memory *memory;

	pthread_mutex_t lock; /* guards all that follows, and all above that
			       * is not const */
	bool stopping;
	struct cache_file *files[CACHE_BUCKETS];
	struct cache_file *dead; /* to be closed without the lock */
	struct link opened;	 /* files that have readers */
	unsigned n_old;		 /* of them */
	struct versions versions;

	struct link demanded, prefetched; /* blocks that are queued */
	struct link unused;		  /* ready, the oldest first, … */
	struct link unread;		  /* … and not even read once */
	struct link behind;		  /* readers */
	struct hints hints;

	struct cache_read *starving, **starving_end;
	struct cache_read *answered, **answered_end; /* to be told */

	struct fetcher *idle;
	uint64_t called;	  /* of the others, those that have not begun */
	unsigned streaming;	  /* readers with a window */
	uint64_t ahead;		  /* bytes */
	struct cache_stats stats; /* where nothing else counts */

	struct fetcher fetchers[];
};

#endif
