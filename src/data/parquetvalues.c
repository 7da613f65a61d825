#include "data/parquetvalues.h"

#include "data/rle.h"

#include <inttypes.h>
#include <string.h>

/* What is longest is "s_2147483647" with its length. */
#define TEXT_ROOM (4 + 2 + 10)

static size_t size_of(const struct parquet_type *t)
{
	return dtype_find(t->numbers)->size;
}

size_t parquetvalues_room(const struct parquet_type *t, uint64_t size)
{
	if (t->physical == PARQUET_BYTES)
		return MAX(TEXT_ROOM, 4 + size);
	return MAX(4, size_of(t));
}

/* Parquet has no integers of less than 32 bits. */
static size_t put_widened(struct draw *d, const struct parquet_type *t,
			  uint64_t values, unsigned char *out)
{
	size_t size = size_of(t);

	for (uint64_t i = 0; i < values; i++) {
		unsigned char raw[2] = { 0 };
		uint32_t n;

		draw_bytes(d, raw, size);
		n = raw[0] | (uint32_t)raw[1] << 8;
		if (t->is_signed)
			n = size == 1 ? (uint32_t)(int8_t)n :
					(uint32_t)(int16_t)n;
		parquetvalues_le32(out + 4 * i, n);
	}
	return 4 * values;
}

static size_t put_bools(struct draw *d, uint64_t values, unsigned char *out)
{
	memset(out, 0, (values + 7) / 8);
	for (uint64_t i = 0; i < values; i++) {
		unsigned char is;

		draw_bytes(d, &is, 1);
		out[i / 8] |= (unsigned char)(is << i % 8);
	}
	return (values + 7) / 8;
}

static size_t put_texts(struct draw *d, uint64_t values, unsigned char *out)
{
	size_t len = 0;

	for (uint64_t i = 0; i < values; i++) {
		char text[16];
		uint32_t n;
		int text_len;

		draw_bytes(d, &n, sizeof(n));
		text_len = snprintf(text, sizeof(text), "s_%" PRIu32, n >> 1);
		parquetvalues_le32(out + len, (uint32_t)text_len);
		memcpy(out + len + 4, text, (size_t)text_len);
		len += 4 + (size_t)text_len;
	}
	return len;
}

static size_t put_binaries(struct draw *d, uint64_t size, uint64_t values,
			   unsigned char *out)
{
	size_t len = 0;

	for (uint64_t i = 0; i < values; i++) {
		parquetvalues_le32(out + len, (uint32_t)size);
		draw_bytes(d, out + len + 4, size);
		len += 4 + size;
	}
	return len;
}

size_t parquetvalues_plain(struct draw *d, const struct parquet_type *t,
			   uint64_t size, uint64_t values, unsigned char *out)
{
	if (t->physical == PARQUET_BOOLEAN)
		return put_bools(d, values, out);
	if (t->physical == PARQUET_BYTES)
		return t->converted < 0 ? put_binaries(d, size, values, out) :
					  put_texts(d, values, out);
	if (size_of(t) < 4 && t->physical == PARQUET_INT32)
		return put_widened(d, t, values, out);
	draw_bytes(d, out, values * size_of(t));
	return values * size_of(t);
}

/* The indexes are the bytes. */
size_t parquetvalues_indexed(struct draw *d, uint64_t values,
			     unsigned char *out)
{
	uint64_t padded = round_up(values, 8);
	size_t len = 0;

	out[len++] = 8; /* bits */
	len += rle_put_packed(out + len, padded);
	draw_bytes(d, out + len, values);
	memset(out + len + values, 0, padded - values);
	return len + padded;
}
