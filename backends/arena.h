/* Named bytes in memory that several processes share: what mem.c stands on.
 *
 * Bytes are in bodies, known by number.  A body has references: one is its
 * maker's, one its name's, one of each who has found it to read.  When the last
 * is released its memory is given back.  So a name may be bound to another body
 * while the old one is being read.
 *
 * A process may be killed at any instruction, holding the lock or not.  Names
 * always lead to whole bodies; references that the dead one held are never
 * released, and their memory is lost until the last process leaves.
 *
 * Keys are strings of up to ARENA_KEY_MAX bytes; nobody checks here.  Any
 * thread of any process; a body without a name belongs to its maker, and one
 * with a name does not change. */
#ifndef BACKENDS_ARENA_H
#define BACKENDS_ARENA_H

#include "backends/backend.h"

#define ARENA_KEY_MAX (255 + 1 + BACKEND_NAME_MAX)

struct arena;

/* Make memory for up to limit bytes, and as many names as that has pages (at
 * least a thousand), or join that of another process by its descriptor, which
 * stays the caller's.  Both log. */
int arena_make(uint64_t limit, struct arena **out) MUST_USE;
int arena_join(int fd, struct arena **out) MUST_USE;
void arena_leave(struct arena *a); /* NULL is fine */
int arena_fd(const struct arena *a);

/* A new, empty body.  -ENOSPC: there are as many as there can be. */
int arena_begin(struct arena *a, uint32_t *body) MUST_USE;

/* -ENOSPC: at the limit.  After an error the body can only be released. */
int arena_append(struct arena *a, uint32_t body, const void *buf,
		 size_t len) MUST_USE;

/* The caller stays within the body's size. */
void arena_read(const struct arena *a, uint32_t body, void *buf, size_t len,
		uint64_t offset);
void arena_release(struct arena *a, uint32_t body);

/* Let key lead to this body, with a reference of its own, instead of the one
 * it leads to now. */
int arena_bind(struct arena *a, const char *key, uint32_t body,
	       int64_t mtime_ns) MUST_USE;
int arena_unbind(struct arena *a, const char *key) MUST_USE; /* -ENOENT */
int arena_rename(struct arena *a, const char *from, const char *to) MUST_USE;

/* What key leads to: -ENOENT, or its info and, unless body is NULL, a new
 * reference. */
int arena_find(struct arena *a, const char *key, struct object_info *info,
	       uint32_t *body) MUST_USE;

/* Go through all names, in no order.  *cursor begins at 0.  False: no more. */
bool arena_next(struct arena *a, uint32_t *cursor, char key[ARENA_KEY_MAX + 1],
		struct object_info *info);

#endif
