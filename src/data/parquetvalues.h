/* Values of a page of a Parquet file, drawn from a payload.
 *
 * Pure, but for the draw; any thread. */
#ifndef DATA_PARQUETVALUES_H
#define DATA_PARQUETVALUES_H

#include "data/draw.h"
#include "data/parquet.h"

/* Bytes that a value takes in a plain page, at most; of binary, which has
 * `size` bytes a value, too. */
size_t parquetvalues_room(const struct parquet_type *t, uint64_t size);

/* Plain values, and how many bytes they are. */
size_t parquetvalues_plain(struct draw *d, const struct parquet_type *t,
			   uint64_t size, uint64_t values, unsigned char *out);

/* Indexes into a dictionary of all 256 numbers of a byte.  out has room for 16
 * bytes more than values. */
size_t parquetvalues_indexed(struct draw *d, uint64_t values,
			     unsigned char *out);

/* Four bytes, the lowest first. */
static inline void parquetvalues_le32(unsigned char *at, uint32_t n)
{
	for (int i = 0; i < 4; i++)
		at[i] = (unsigned char)(n >> 8 * i);
}

#endif
