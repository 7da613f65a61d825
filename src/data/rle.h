/* The run-length and bit-packing hybrid of Parquet: levels and indexes of
 * dictionaries, up to 32 bits each.  (Encodings.md of Apache Parquet, RLE = 3.)
 *
 * Pure; any thread. */
#ifndef DATA_RLE_H
#define DATA_RLE_H

#include "base/util.h"

/* The header of a run, at most: a number of 7 bits a byte. */
#define RLE_MAX_HEADER 10

/* `count` times a value of up to 8 bits.  Returns bytes written, at most
 * RLE_MAX_HEADER + 1. */
size_t rle_put_run(unsigned char *out, uint64_t count, unsigned value);

/* The header of count values, a multiple of 8, packed behind it. */
size_t rle_put_packed(unsigned char *out, uint64_t count);

struct rle_in {
	const unsigned char *at, *end;
	unsigned width; /* bits */
	uint64_t left;	/* of the run */
	bool packed;
	uint32_t value; /* of all in a run that is not packed */
	unsigned bit;	/* where the next is, in *at */
};

void rle_read(struct rle_in *r, const void *bytes, size_t len, unsigned width);

/* Some of the next `most` values, which are not 0: as many as are returned, at
 * most RLE_AT_ONCE, and all of them *times times.  0: there are none. */
#define RLE_AT_ONCE 512
size_t rle_some(struct rle_in *r, uint64_t most, uint32_t out[RLE_AT_ONCE],
		uint64_t *times);

#endif
