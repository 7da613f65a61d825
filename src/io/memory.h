/* The memory that blocks are in: never more than a budget.
 *
 * What counts is address space that has been given and not returned, plus what
 * is kept for the next one; sizes are rounded up to eight classes per power of
 * two, so that at most an eighth is lost and a returned buffer fits the next
 * request of about its size: a fresh one of 8 MiB costs as much in page faults
 * as copying half of it.
 *
 * Buffers of 2 MiB and more lie on borders of large pages and ask for such: one
 * fault instead of 512.  Pages come from mmap() and go back with munmap(): what
 * the budget says is what the process has, whatever the C library's allocator
 * would keep.
 *
 * Any thread. */
#ifndef IO_MEMORY_H
#define IO_MEMORY_H

#include "base/util.h"

#define MEMORY_LEAST 4096u	      /* a buffer has */
#define MEMORY_MOST ((size_t)8 << 20) /* a buffer may have */

struct memory;

int memory_new(uint64_t budget, struct memory **out) MUST_USE;

/* All has been returned.  NULL is fine. */
void memory_free(struct memory *m);

/* What len takes out of the budget; len is at most MEMORY_MOST. */
size_t memory_size(size_t len);

/* NULL: the budget has not so much left, or the system has not. */
void *memory_get(struct memory *m, size_t len) MUST_USE;
void memory_put(struct memory *m, void *buf, size_t len); /* NULL is fine */

uint64_t memory_budget(const struct memory *m);

/* Gauges: what has been given, and what is kept besides. */
uint64_t memory_used(struct memory *m);
uint64_t memory_kept(struct memory *m);

#endif
