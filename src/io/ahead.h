/* What is fetched before somebody asks: whole small objects, and windows of
 * sequential readers. */
#ifndef IO_AHEAD_H
#define IO_AHEAD_H

#include "io/cache_inner.h"

/* A reader is there, or gone. */
void ahead_begin(struct cache_reader *r);
void ahead_end(struct cache_reader *r);

/* He has just opened it, and will read it: a small object is fetched at once. */
void ahead_open(struct cache_reader *r);

/* Somebody reads. */
void ahead_note(struct cache_read *rd);

/* He has to wait for what is not there: the range of a block that suits him, at
 * an offset within his read; that it has been made; and that he waits. */
struct streams_range ahead_demand(const struct cache_read *rd, uint64_t at);
void ahead_demanded(struct cache_read *rd, const struct block *b);
void ahead_stalled(struct cache_read *rd);

/* Fetch as much as there is room for. */
void ahead_fill(struct cache *c);

#endif
