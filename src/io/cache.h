/* What lies between the handlers of a mount and a store on a network: blocks of
 * its objects, shared by all who read them.
 *
 * A read never waits.  It is answered at once if its bytes are here, else when
 * they have come, by a callback, from the blocks themselves: nothing is copied.
 * Until the callback returns the blocks stay.
 *
 * A block is a range of an object that was fetched by one request, at most
 * CACHE_BLOCK.  A read waits for the blocks that it touches; where there are
 * none, it makes them: of the size that suits its stream (streams.h), or for
 * random reads exactly what they need.  Small objects, of one block, are fetched
 * whole, beginning when they are opened.
 *
 * Fetches run on the threads of a pool, at most `concurrency` at a time; what
 * readers wait for goes first, then windows of sequential readers.  What nobody
 * wants any more is cancelled.
 *
 * All blocks together never take more than the budget.  A read that finds no
 * room waits, before all fetching ahead; those that wait are served in order,
 * and only the first of them can hold a part of what it needs, so that it will
 * get the rest.  Blocks that have been read to the last byte are dropped at
 * once, for the page cache has them; those read in part, and those fetched for
 * nothing, are kept while there is room, the least recently used going first.
 *
 * Readers may say what they will open next: it is fetched when there is nothing
 * better to do (hints.h).
 *
 * An object is known by store and name, and taken not to change while it is
 * open.  When the store says that it has (-ESTALE), all of its blocks go, and
 * only those who open it again see the new one.  So it is when another one is
 * found than was read last time, for the kernel may have kept pages of that:
 * nobody gets a mix, as long as cache_replaced() is heeded.
 *
 * Any thread.  The store is only called on the pool's threads; what it says is
 * told to every reader who waited for it, and asked again for the next. */
#ifndef IO_CACHE_H
#define IO_CACHE_H

#include "base/pool.h"

#include <sys/types.h>
#include <sys/uio.h>

struct backend;
struct cache;
struct cache_read;
struct cache_reader;
struct object;

/* Above this the bytes cost more than the request, and a random reader that
 * was taken for a sequential one pays for more than it can use. */
#define CACHE_BLOCK (8 * MIB)

#define CACHE_READ MIB	      /* the most that one read may ask for */
#define CACHE_LEAST (4 * MIB) /* budget: a read and the blocks around it */

struct cache_options {
	struct pool *pool;    /* the caller's; lives longer */
	unsigned concurrency; /* fetches at a time */
	uint64_t memory;      /* the budget, bytes; CACHE_LEAST or more */
};

int cache_new(const struct cache_options *options, struct cache **out) MUST_USE;

/* Everything is closed, and the pool has nothing to do.  NULL is fine. */
void cache_free(struct cache *c);

/* It is ending: fetch nothing ahead any more.  Reads go on. */
void cache_stop(struct cache *c);

/* What was fetched before, and that no other reader has open, must not serve
 * this one; but what was fetched for a hint may, once. */
#define CACHE_FRESH 1u

/* Begin to read an object of a known size, which need not be there: then reads
 * say so. */
int cache_open(struct cache *c, struct backend *store, const char *name,
	       uint64_t size, unsigned flags,
	       struct cache_reader **out) MUST_USE;

/* The same for one that is open already, and is shared with nobody.  Takes it
 * when it succeeds.  id: the number by which the kernel knows the file; 0: it is
 * no matter if it is replaced. */
int cache_adopt(struct cache *c, struct object *o, uint64_t id, unsigned flags,
		struct cache_reader **out) MUST_USE;

/* The object was replaced since it was open before, and the kernel must drop what
 * it has of it. */
bool cache_replaced(const struct cache_reader *r);

/* Others still have open what it was before.  They share the kernel's pages with
 * this one, and must not find there what this one reads. */
bool cache_apart(const struct cache_reader *r);

/* None of its reads is under way.  NULL is fine. */
void cache_close(struct cache_reader *r);

/* Somebody will read len bytes of this object from offset on (0: all of it),
 * after those that he has named before.  Nothing is promised.  -ENOSPC: so many
 * hints wait that this one is dropped. */
int cache_hint(struct cache *c, struct backend *store, const char *name,
	       uint64_t size, uint64_t offset, uint64_t len) MUST_USE;

struct cache_piece { /* the cache's */
	struct block *block;
	struct cache_read *read;
	struct cache_piece *next; /* that waits for the same block */
};

#define CACHE_FEW 4

/* A read: the caller's memory, until done() is called, once. */
struct cache_read {
	uint64_t offset;
	size_t len;

	/* result: bytes in iov (short only at the object's end), or a negative
	 * errno.  Called without locks, by cache_read() or by a thread of the
	 * pool.  May free the read. */
	void (*done)(struct cache_read *rd, ssize_t result,
		     const struct iovec *iov, int n);

	/* The cache's. */
	struct cache_reader *reader;
	struct stream *stream;
	struct cache_read *next;
	struct cache_piece *pieces, few[CACHE_FEW];
	unsigned n_pieces, missing;
	int error;
	bool waits, starves;
	struct pool_job job;
};

void cache_read(struct cache_reader *r, struct cache_read *rd);

/* Nobody waits for it any more: done() is called soon, with -ECANCELED, by a
 * thread of the pool, unless it is being called already, or cache_read() has not
 * been. */
void cache_cancel(struct cache_reader *r, struct cache_read *rd);

/* Gauges, then counters. */
struct cache_stats {
	uint64_t budget, used, kept;	 /* bytes; see memory.h */
	uint64_t files, readers, blocks; /* known, open, with memory */
	uint64_t waiting, starving;	 /* reads; for bytes, for memory */
	uint64_t fetching, queued;	 /* blocks */
	uint64_t ahead;			 /* bytes that nobody has read yet */
	uint64_t hints;			 /* that wait */
	uint64_t hinted; /* bytes of hints that nobody has used yet */

	uint64_t reads, at_hand;     /* of which answered at once */
	uint64_t fetches, fetched;   /* blocks, bytes */
	uint64_t cancelled, evicted; /* blocks */
	uint64_t hints_given, hints_used, hints_dropped; /* hints; blocks */
};

void cache_stats(struct cache *c, struct cache_stats *out);

/* A line for each: name, number. */
void cache_print(const struct cache_stats *stats, FILE *out);

#endif
