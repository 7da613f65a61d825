/* Aligned buffers of one size, used again and again: the one returned last is
 * given first, because the CPU's caches still know it, and its pages exist.
 * Any thread. */
#ifndef BASE_BUFFERS_H
#define BASE_BUFFERS_H

#include "base/util.h"

struct buffers;

/* At most `keep` unused ones are kept.  alignment is a power of two; the size
 * is rounded up to it. */
int buffers_new(size_t size, size_t alignment, size_t keep,
		struct buffers **out) MUST_USE;

/* All have been returned.  NULL is fine. */
void buffers_free(struct buffers *b);

/* NULL: no memory. */
void *buffers_get(struct buffers *b) MUST_USE;
void buffers_put(struct buffers *b, void *buf); /* NULL is fine */

size_t buffers_out(struct buffers *b); /* given and not yet returned: a gauge */

#endif
