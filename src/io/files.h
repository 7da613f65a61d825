/* The objects that the cache knows: those that are open, or have blocks. */
#ifndef IO_FILES_H
#define IO_FILES_H

#include "io/cache_inner.h"

/* What the tables of names are indexed by, below CACHE_BUCKETS. */
unsigned files_bucket(const struct backend *store, const char *name) MUST_USE;

/* By store and name; NULL: not known. */
struct cache_file *files_find(struct cache *c, const struct backend *store,
			      const char *name);

/* A new one, not yet in the table.  name is copied; NULL with an adopted
 * object. */
int files_new(struct cache *c, struct backend *store, const char *name,
	      uint64_t size, struct cache_file **out) MUST_USE;
void files_add(struct cache_file *f);

/* Whoever opens it from now on gets another. */
void files_unlist(struct cache_file *f);

/* Nobody will read what is left of it, nor has said so. */
bool files_is_over(const struct cache_file *f);

/* Away with it, if nobody needs it: files_bury() does the rest. */
void files_settle(struct cache_file *f);

/* Close what has gone.  Without the lock. */
void files_bury(struct cache_file *dead);

/* It has its first reader, or none any more. */
void files_opened(struct cache_file *f);
void files_closed(struct cache_file *f);

/* Is this object open?  If so, all who have it open read another than is there
 * now. */
bool files_are_open(const struct cache *c, uint64_t hash);
void files_grow_old(struct cache *c, uint64_t hash);

/* Does anybody read what this object was before? */
bool files_are_old(const struct cache *c, uint64_t hash);

#endif
