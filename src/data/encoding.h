/* What is made of a file whose format encodes it front to back: its sum, a range
 * of it, or all of it.  Each costs as much as the encoding.
 *
 * For format.c and encoded.c: others ask those.  Pure; any thread. */
#ifndef DATA_ENCODING_H
#define DATA_ENCODING_H

#include "data/format.h"

int encoding_sum(const struct format *t, const struct dataset_file *f,
		 struct dataset_sum *out) MUST_USE;

/* As format_read(), and as format_stream(). */
ssize_t encoding_range(const struct format *t, const struct dataset_file *f,
		       void *buf, size_t len, uint64_t offset);
int encoding_stream(const struct format *t, const struct dataset_file *f,
		    void *buffer, size_t room, dataset_piece_fn fn, void *arg);

/* The whole file, which the caller frees. */
int encoding_collect(const struct format *t, const struct dataset_file *f,
		     unsigned char **bytes, size_t *len) MUST_USE;

#endif
