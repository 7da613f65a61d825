/* Names of bodies in an arena.
 *
 * A label is there if its body is not 0.  Keys are strings of up to
 * LABEL_KEY_MAX bytes; nobody checks here.  Any thread of any process. */
#ifndef BACKENDS_LABEL_H
#define BACKENDS_LABEL_H

#include "backends/arena.h"
#include "backends/backend.h"

#define LABEL_KEY_MAX (255 + 1 + BACKEND_NAME_MAX)

struct label {
	uint32_t body;
	uint32_t next; /* in the bucket's chain, or free label */
	char key[LABEL_KEY_MAX + 1];
};

/* Let key lead to this body, with a reference of its own, instead of the one
 * it leads to now.  -ENOSPC: there are as many as there can be. */
int label_bind(struct arena *a, const char *key, uint32_t body,
	       int64_t mtime_ns) MUST_USE;
int label_unbind(struct arena *a, const char *key) MUST_USE; /* -ENOENT */

/* -ENOENT; -ENOSPC: for a moment it takes one label more. */
int label_rename(struct arena *a, const char *from, const char *to) MUST_USE;

/* What key leads to: -ENOENT, or its info and, unless body is NULL, a new
 * reference. */
int label_find(struct arena *a, const char *key, struct object_info *info,
	       uint32_t *body) MUST_USE;

/* Go through all, in no order.  *cursor begins at 0.  False: no more. */
bool label_next(struct arena *a, uint32_t *cursor, char key[LABEL_KEY_MAX + 1],
		struct object_info *info);

#endif
