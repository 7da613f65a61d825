/* The queue to the store: what readers wait for, then what is ahead. */
#ifndef IO_FETCHES_H
#define IO_FETCHES_H

#include "io/cache_inner.h"

void fetches_init(struct cache *c);

/* A new block; or one that was queued, or nobody wanted, and is waited for
 * now. */
void fetches_want(struct block *b, bool demanded);

/* A queued block that is about to go. */
void fetches_forget(struct block *b);

/* Whether more may be fetched ahead: some of the fetches allowed at a time are
 * left to those who will wait. */
bool fetches_have_room(const struct cache *c);

/* Put threads to work for all that is queued. */
void fetches_start(struct cache *c);

#endif
