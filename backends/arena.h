/* Memory that several processes share: what mem.c stands on, with body.h (bytes)
 * and label.h (their names).
 *
 *	struct shared	the lock and what it guards
 *	buckets		a hash table of labels: the first of each chain
 *	labels		a key, and the number of a body
 *	bodies		a size, and where the bytes are
 *	bytes
 *
 * It is larger than what may ever be in it, and sparse: what nobody has touched
 * costs nothing.  So the tables never grow, and nothing moves.  Labels and
 * bodies are known by their numbers, from 1; 0 is none.
 *
 * A process may be killed at any instruction, holding the lock or not.  Every
 * change therefore becomes visible by storing one number, after all that it
 * leads to: see arena_publish().  What a dead process leaves is at worst out of
 * reach, and its memory lost until the last process leaves, but never wrong. */
#ifndef BACKENDS_ARENA_H
#define BACKENDS_ARENA_H

#include "base/util.h"

struct label;
struct body;

#define ARENA_UNIT UINT64_C(4096) /* memory is given out in these */

/* Which numbers are taken: those up to used, less the chain of free ones. */
struct numbers {
	uint32_t used;
	uint32_t free;
};

struct shared {
	uint64_t magic;
	uint64_t size;	/* of all of it */
	uint64_t limit; /* of bytes */
	uint32_t slots; /* as many buckets, labels and bodies */

	pthread_mutex_t lock; /* guards what follows, labels, references */
	uint64_t bytes;	      /* stored, in whole units */
	uint64_t end;	      /* of the addresses given out */
	struct numbers labels;
	struct numbers bodies;
};

/* The view of it that one process has. */
struct arena {
	int fd;
	size_t size;
	struct shared *shared;
	uint32_t *buckets;
	struct label *labels;
	struct body *bodies;
};

/* Make memory for up to limit bytes, and as many names as that has units (at
 * least a thousand), or join that of another process by its descriptor, which
 * stays the caller's.  Both log. */
int arena_make(uint64_t limit, struct arena **out) MUST_USE;
int arena_join(int fd, struct arena **out) MUST_USE;
void arena_leave(struct arena *a); /* NULL is fine */

/* Held until the end of the block:
 *
 *	ARENA_LOCKED struct shared *s = arena_lock(a);
 */
#define ARENA_LOCKED __attribute__((cleanup(arena_unlock), unused))
struct shared *arena_lock(const struct arena *a);
void arena_unlock(struct shared **s);

/* Store a number that makes something visible: whatever was stored before it
 * is in memory by then. */
static inline void arena_publish(uint32_t *where, uint32_t number)
{
	__atomic_store_n(where, number, __ATOMIC_RELEASE);
}

#endif
