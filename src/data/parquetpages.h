/* A column of a row group of a Parquet file as pages: a dictionary, if it is of
 * numbers of one byte and enough of them, and pages of about a megabyte, each
 * with its levels, compressed, with a checksum.
 *
 * One thread for each writer. */
#ifndef DATA_PARQUETPAGES_H
#define DATA_PARQUETPAGES_H

#include "data/draw.h"
#include "data/dtype.h"
#include "data/parquet.h"

struct codec;
struct format_sink;

/* The most bytes that a page may have, and with them a row. */
#define PARQUETPAGES_MAX (INT32_MAX / 2)

struct parquetpages_column {
	struct parquet_column in_file;
	uint64_t size;		 /* elements of a row */
	const struct dtype *num; /* of the payload */
	struct payload payload;
};

/* Sink and codec are the caller's to fill in, the rest is zero at first. */
struct parquetpages {
	struct format_sink *sink;
	const struct codec *codec;
	uint64_t offset; /* in the file, of what comes next */

	struct draw draw;
	unsigned char *page, *packed; /* grown by need */
	size_t page_room, packed_room;
};

void parquetpages_clear(struct parquetpages *p); /* zeroed is fine */

/* Bytes of the file that are no page.  0, or the sink's error. */
int parquetpages_put(struct parquetpages *p, const void *bytes,
		     size_t len) MUST_USE;

/* Bytes of payload that so many rows of a column take. */
uint64_t parquetpages_payload(const struct parquetpages_column *c,
			      uint64_t rows);

/* All pages of a column of so many rows, of this span of its payload; chunk is
 * what the footer says of them.  0, -ENOMEM, or the sink's error. */
int parquetpages_chunk(struct parquetpages *p,
		       const struct parquetpages_column *c,
		       const struct payload_span *span, uint64_t rows,
		       struct parquet_chunk *chunk) MUST_USE;

#endif
