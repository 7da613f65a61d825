/* A read's way: given the blocks that it needs, all at once or none; told when
 * the last of them has come. */
#ifndef IO_READS_H
#define IO_READS_H

#include "io/cache_inner.h"

void reads_init(struct cache *c);

/* Without the lock. */
void reads_submit(struct cache_reader *r, struct cache_read *rd);
void reads_cancel(struct cache_reader *r, struct cache_read *rd);

/* Those who wait for it need not any more.  rc: how it ended. */
void reads_block_is_ready(struct block *b, int rc);

/* Do what can be done now: give memory to the starving, fill windows, put the
 * pool to work; then unlock, and tell those who have an answer. */
void reads_settle(struct cache *c);

#endif
