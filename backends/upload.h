/* Writing an object in parts: what s3.c and azure.c have in common.
 *
 * Bytes come in order and are gathered in buffers of one part.  An object that
 * fits in one part is sent by one request at commit.  Else parts are sent by the
 * store's threads while the next is filled; a writer waits when the store's
 * memory for uploads is used up, and at commit for all parts.  Only an upload
 * that has no part under way gets a buffer beyond that, so that any number can
 * be filled side by side: the bound is memory + one part for each upload.  The
 * first error ends it, and what was begun is aborted: nothing half-visible
 * stays, nor anything that costs money.
 *
 * There may be only so many parts, and nobody says beforehand how large the
 * object will be: with the second half of them, the size of a part doubles with
 * each twentieth.  From parts of 8 MiB, 10 000 at most, that makes 16 MiB from
 * 39 GiB on, 512 MiB from 281 GiB on, and more than the 5 TiB that an object of
 * S3 may have.
 *
 * Any number of uploads at a time; one upload belongs to one thread. */
#ifndef BACKENDS_UPLOAD_H
#define BACKENDS_UPLOAD_H

#include "base/util.h"

struct uploads; /* what all of a store's share: threads and memory */
struct upload;

/* What the store does; each blocks, and may be called from several threads at a
 * time for different parts.  self is whatever upload_begin() was given. */
struct upload_ops {
	/* All in one request; data is NULL if there is none. */
	int (*put)(void *self, const void *data, size_t len);
	/* Before the first part. */
	int (*begin)(void *self);
	/* number counts from 0. */
	int (*part)(void *self, unsigned number, const void *data, size_t len);
	int (*complete)(void *self, unsigned parts);
	/* After begin: leave no trace. */
	void (*abort)(void *self);
	unsigned max_parts; /* 10 000, 50 000: beyond, -EFBIG */
	uint64_t max_part;  /* bytes */
};

int uploads_new(unsigned threads, uint64_t part_bytes, uint64_t memory,
		struct uploads **out) MUST_USE;
void uploads_free(struct uploads *all); /* none is open; NULL is fine */

/* Bytes of buffers that are being filled or sent: a gauge. */
uint64_t uploads_held(struct uploads *all);

int upload_begin(struct uploads *all, const struct upload_ops *ops, void *self,
		 struct upload **out) MUST_USE;
int upload_append(struct upload *u, const void *data, size_t len) MUST_USE;
int upload_commit(struct upload *u) MUST_USE;

/* Not committed: aborted.  NULL is fine. */
void upload_close(struct upload *u);

#endif
