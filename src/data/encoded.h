/* What is remembered of files that cost much to make: how long each is and its
 * CRC-32, once that is known, in 16 bytes a file; and the bytes of the few files
 * read last, for an encoded file is made whole for any range of it.
 *
 * The memory for bytes is bounded: 64 MiB, or the one file read last if that is
 * larger, and those that are being read at the moment, at most 16.  A reader of
 * another file waits for one of them.
 *
 * Any thread. */
#ifndef DATA_ENCODED_H
#define DATA_ENCODED_H

#include "data/format.h"

struct encoded;

int encoded_new(uint64_t objects, struct encoded **out) MUST_USE;
void encoded_free(struct encoded *e); /* NULL is fine */

bool encoded_known(const struct encoded *e, uint64_t object,
		   struct dataset_sum *out);
void encoded_learn(struct encoded *e, uint64_t object,
		   const struct dataset_sum *sum);

/* As format_read() of an encoded file, which has this number here. */
ssize_t encoded_read(struct encoded *e, uint64_t object, const struct format *t,
		     const struct dataset_file *f, void *buf, size_t len,
		     uint64_t offset) MUST_USE;

#endif
