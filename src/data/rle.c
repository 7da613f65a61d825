#include "data/rle.h"

static size_t put_varint(unsigned char *out, uint64_t n)
{
	size_t len = 0;

	for (; n > 0x7f; n >>= 7)
		out[len++] = (unsigned char)(n | 0x80);
	out[len++] = (unsigned char)n;
	return len;
}

size_t rle_put_run(unsigned char *out, uint64_t count, unsigned value)
{
	size_t len = put_varint(out, count << 1);

	out[len++] = (unsigned char)value;
	return len;
}

size_t rle_put_packed(unsigned char *out, uint64_t count)
{
	return put_varint(out, count / 8 << 1 | 1);
}

void rle_read(struct rle_in *r, const void *bytes, size_t len, unsigned width)
{
	*r = (struct rle_in){ .at = bytes, .end = bytes, .width = width };
	r->end += len;
}

static bool get_varint(struct rle_in *r, uint64_t *n)
{
	*n = 0;
	for (unsigned shift = 0; shift < 63 && r->at < r->end; shift += 7) {
		*n |= (uint64_t)(*r->at & 0x7f) << shift;
		if (!(*r->at++ & 0x80))
			return true;
	}
	return false;
}

static bool begin_run(struct rle_in *r)
{
	unsigned bytes = (r->width + 7) / 8;
	uint64_t header;

	if (!get_varint(r, &header))
		return false;
	r->packed = header & 1;
	r->left = header >> 1;
	if (r->packed) {
		/* What the last group lacks was not written. */
		r->left = MIN(r->left, UINT64_MAX / 8) * 8;
		r->bit = 0;
		/* Of no bits there is any number in no time: a run. */
		r->packed = r->width > 0;
		r->value = 0;
		return true;
	}
	if (bytes > (size_t)(r->end - r->at))
		return false;
	r->value = 0;
	for (unsigned i = 0; i < bytes; i++)
		r->value |= (uint32_t)*r->at++ << 8 * i;
	return true;
}

/* Bits lowest first, through the bytes. */
static bool next_packed(struct rle_in *r, uint32_t *out)
{
	uint64_t word = 0;
	unsigned bits = r->bit + r->width, bytes = (bits + 7) / 8;

	if (bytes > (size_t)(r->end - r->at))
		return false;
	if (r->width == 8) { /* by far the most frequent */
		*out = *r->at++;
		return true;
	}
	for (unsigned i = 0; i < bytes; i++)
		word |= (uint64_t)r->at[i] << 8 * i;
	*out = (uint32_t)(word >> r->bit & (((uint64_t)1 << r->width) - 1));
	r->at += bits / 8;
	r->bit = bits % 8;
	return true;
}

size_t rle_some(struct rle_in *r, uint64_t most, uint32_t out[RLE_AT_ONCE],
		uint64_t *times)
{
	size_t n = 1;

	while (r->left == 0)
		if (!begin_run(r))
			return 0;
	*times = 1;
	if (!r->packed) {
		out[0] = r->value;
		*times = MIN(r->left, most);
		r->left -= *times;
		return 1;
	}
	n = MIN(MIN(r->left, most), RLE_AT_ONCE);
	for (size_t i = 0; i < n; i++)
		if (!next_packed(r, &out[i]))
			return 0;
	r->left -= n;
	return n;
}
