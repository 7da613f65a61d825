/* What somebody has said he will read, in the order in which he will: fetched
 * before he opens it.
 *
 * A hint waits in a queue until there is room, and then becomes blocks, the
 * first hint first.  Hints take what nobody else needs: no block is made for
 * one while a read lacks memory or a window is not full, together they have at
 * most half of the budget, and what was fetched for them is the first to go
 * after what is not used any more, the last hint first.
 *
 * A hint is used up when its file is opened, or, of a range in a large file,
 * when a byte of it is read; what was fetched for it is from then on like any
 * block that a window has made.
 *
 * A hint that nobody uses keeps its memory until others need it.  Those that
 * come after it need it when so many hints have been used since that the reader
 * must have passed it: HINTS_LATE and twice as many as have blocks. */
#ifndef IO_HINTS_H
#define IO_HINTS_H

#include "io/cache_inner.h"

#define HINTS_MOST 65536u /* wait at a time, of 64 bytes and a name */
#define HINTS_LATE 64u

void hints_init(struct cache *c);

/* Nobody has hinted at all. */
void hints_forget(struct cache *c);

/* Takes a hint at len bytes of an object from offset on; length 0: all of it.
 * -ENOSPC: too many wait, and it is dropped. */
int hints_add(struct cache *c, struct backend *store, const char *name,
	      uint64_t size, uint64_t offset, uint64_t len) MUST_USE;

/* Somebody opens it, or reads what begins there. */
void hints_opened(struct cache_file *f);
void hints_read(const struct cache_file *f, uint64_t offset, uint64_t len);

/* A block of a hint is used, or gone. */
void hints_used(struct block *b);
void hints_lost(struct block *b);

/* Fetch as much as there is room for. */
void hints_fill(struct cache *c);

#endif
