/* A cache over a store in memory that answers late or with errors, for tests,
 * and reads that wait. */
#ifndef TESTS_LIB_CACHED_H
#define TESTS_LIB_CACHED_H

#include "backends/fault.h"
#include "io/cache.h"

struct cached {
	struct backend *mem, *store; /* the store, and what makes it slow */
	struct pool *pool;
	struct cache *cache;
};

struct cached_options {
	uint64_t memory;
	unsigned threads; /* 4 */
	struct fault_plan plan;
};

int cached_open(struct cached *c, const struct cached_options *options);

/* false: some gauge is not zero, which is said. */
bool cached_close(struct cached *c);

/* Wait until nothing is queued or under way. */
void cached_drain(struct cached *c);
struct cache_stats cached_stats(struct cached *c);

/* An object whose bytes are those of cached_byte(). */
int cached_add(struct cached *c, const char *name, uint64_t size,
	       unsigned seed);
char cached_byte(unsigned seed, uint64_t offset);
bool cached_bytes_are(const char *bytes, unsigned seed, uint64_t offset,
		      size_t len);

struct cache_reader *cached_reader(struct cached *c, const char *name,
				   uint64_t size, unsigned flags);

/* As cache_read(), with a copy into buf, when it is there. */
ssize_t cached_read(struct cache_reader *r, void *buf, size_t len,
		    uint64_t offset);

#endif
