/* A column of a row group of a Parquet file, decoded and forgotten: what
 * pyarrow does to make an array of it, but for keeping it.
 *
 * A struct parquetchunk belongs to one thread, and keeps its buffers from one
 * chunk to the next. */
#ifndef TRAIN_PARQUETCHUNK_H
#define TRAIN_PARQUETCHUNK_H

#include "data/parquet_in.h"

struct parquetchunk {
	bool check;   /* the checksums of pages that have one */
	uint64_t sum; /* of all there was, so that it matters */

	/* Of the chunk. */
	const struct parquet_in_leaf *leaf;
	uint64_t rows, values; /* seen so far */
	const char *wrong;

	/* Its dictionary, plain. */
	unsigned char *dictionary;
	size_t dictionary_values;

	unsigned char *page;
	size_t page_room;
};

/* All pages of a chunk, whose bytes are all there.  0; -ENOMEM; -EBADMSG, and
 * *what tells what is wrong: "has a page that …". */
int parquetchunk_decode(struct parquetchunk *c,
			const struct parquet_in_leaf *leaf,
			const struct parquet_chunk *chunk, uint64_t rows,
			const unsigned char *bytes, const char **what) MUST_USE;

void parquetchunk_free(struct parquetchunk *c); /* what is in it */

#endif
