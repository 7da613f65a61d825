/* The blocks of a file, in order and apart: found by offset, made in the gaps
 * between them, and dropped when their memory is needed. */
#ifndef IO_BLOCKS_H
#define IO_BLOCKS_H

#include "io/cache_inner.h"

/* What is around an offset: the block that holds it, or else the gap that it
 * is in.  A gap ends with its chunk, as blocks do. */
struct blocks_place {
	struct block *block;  /* or NULL, and then */
	uint64_t begin, end;  /* the gap */
	struct block **where; /* what points there */
};
void blocks_find(struct cache_file *f, uint64_t offset,
		 struct blocks_place *out);

/* The first block that ends after offset, in its chunk and those that follow,
 * up to end; or NULL. */
struct block *blocks_after(struct cache_file *f, uint64_t offset, uint64_t end);

/* Blocks begin at multiples of this and end there, too, or with the file: so a
 * read of len bytes touches at most len / BLOCKS_GRAIN + 2 of them. */
#define BLOCKS_GRAIN 4096u

/* A new block inside a gap, which it may fill up to the grain.  For whom decides
 * what gives way to it: what is not used any more; for windows, also what hints
 * have fetched; for those who wait, also what windows have.  NULL: there is no
 * memory now. */
enum blocks_purpose { BLOCKS_HINT, BLOCKS_WINDOW, BLOCKS_READ };
struct block *blocks_make(struct cache_file *f, uint64_t begin, uint64_t end,
			  enum blocks_purpose purpose) MUST_USE;

/* Nobody holds it, and it is not being fetched. */
void blocks_drop(struct block *b);

/* It has failed: whoever comes makes another. */
void blocks_detach(struct block *b);

/* A block that is held is not dropped.  Letting it go may drop it: when all of
 * it has been read. */
void blocks_hold(struct block *b);
void blocks_let_go(struct block *b);

/* Nobody waits for it, and no window is to have it. */
void blocks_abandon(struct block *b);

/* Fetched for a window, or no longer so. */
void blocks_set_ahead(struct block *b, bool ahead);

/* Made for a hint, or no longer so. */
void blocks_set_hinted(struct block *b, bool hinted);

/* Of a ready block that nobody holds: put it where it belongs. */
void blocks_settle(struct block *b);

/* Cancel what is being fetched of a file, and nobody waits for.  Drop the rest,
 * too.  Both leave what hints have made, while the file can be opened. */
void blocks_cancel(struct cache_file *f);
void blocks_purge(struct cache_file *f);

#endif
