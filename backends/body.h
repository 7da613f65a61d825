/* Bytes in an arena, written once, front to back.
 *
 * A body has references: its maker's, its label's, and one of each who found it
 * to read.  When the last is released the memory is given back.  So a name may
 * lead to another body while the old one is still being read.
 *
 * Any thread of any process.  A body belongs to its maker until it has a label,
 * and then does not change. */
#ifndef BACKENDS_BODY_H
#define BACKENDS_BODY_H

#include "backends/arena.h"

#define BODY_EXTENTS 32

struct body {
	uint64_t size;
	int64_t mtime_ns;
	uint32_t refs;
	uint32_t next;		       /* free body */
	uint64_t extent[BODY_EXTENTS]; /* where; 0: none yet */
};

static inline struct body *body_at(const struct arena *a, uint32_t number)
{
	return &a->bodies[number - 1];
}

/* A new, empty body.  -ENOSPC: there are as many as there can be. */
int body_begin(struct arena *a, uint32_t *out) MUST_USE;

/* -ENOSPC: at the limit.  After an error the body can only be released. */
int body_append(struct arena *a, uint32_t number, const void *buf,
		size_t len) MUST_USE;

/* The caller stays within the body's size. */
void body_read(const struct arena *a, uint32_t number, void *buf, size_t len,
	       uint64_t offset);

void body_release(struct arena *a, uint32_t number); /* 0 is fine */

#endif
