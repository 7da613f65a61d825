#include "train/pngplain.h"

#include "base/bytes16.h"
#include "base/crc.h"
#include "data/inflate.h"

#include <errno.h>
#include <string.h>

#define SIGNATURE 8
#define CHUNK_HEAD 8 /* length and type, before a chunk's data */
#define CHUNK_TAIL 4 /* CRC-32, after it */

static uint32_t get32(const unsigned char *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
	       (uint32_t)at[2] << 8 | at[3];
}

bool pngplain_begins(const unsigned char head[PNGPLAIN_HEAD], size_t most,
		     struct pngplain *out)
{
	static const unsigned char start[] = "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR";
	/* 8 bits; grey, and the only ways to compress and filter that there
	 * are; not interlaced. */
	static const unsigned char plain[] = { 8, 0, 0, 0, 0 };
	const unsigned char *ihdr = head + SIGNATURE + CHUNK_HEAD;

	out->width = get32(ihdr);
	out->height = get32(ihdr + 4);
	return !memcmp(head, start, sizeof(start) - 1) &&
	       !memcmp(ihdr + 8, plain, sizeof(plain)) && out->width > 0 &&
	       out->height > 0 &&
	       !__builtin_mul_overflow(out->width + 1, out->height + 1,
				       &out->rows_bytes) &&
	       out->rows_bytes <= most;
}

/* ---- Chunks ---- */

/* All IDATs' data together in packed; their length, 0: it is not plain. */
static size_t collect(const unsigned char *file, size_t len, bool sums,
		      unsigned char *packed)
{
	size_t at = SIGNATURE, total = 0;

	while (len - at >= CHUNK_HEAD + CHUNK_TAIL) {
		const unsigned char *chunk = file + at;
		size_t n = get32(chunk);

		if (n > len - at - CHUNK_HEAD - CHUNK_TAIL)
			return 0;
		if (sums && crc_crc32(0, chunk + 4, 4 + n) !=
				    get32(chunk + CHUNK_HEAD + n))
			return 0;
		at += CHUNK_HEAD + n + CHUNK_TAIL;
		if (!memcmp(chunk + 4, "IEND", 4))
			return n == 0 && at == len ? total : 0;
		if (at == PNGPLAIN_HEAD)
			continue; /* IHDR */
		if (memcmp(chunk + 4, "IDAT", 4) != 0)
			return 0;
		memcpy(packed + total, chunk + CHUNK_HEAD, n);
		total += n;
	}
	return 0;
}

/* ---- Filters ---- */

/* Each byte becomes the sum of itself and all before it, in four steps. */
static inline bytes16 add_up(bytes16 v)
{
	const bytes16 zero = { 0 };

	v += __builtin_shufflevector(zero, v, 15, 16, 17, 18, 19, 20, 21, 22,
				     23, 24, 25, 26, 27, 28, 29, 30);
	v += __builtin_shufflevector(zero, v, 14, 15, 16, 17, 18, 19, 20, 21,
				     22, 23, 24, 25, 26, 27, 28, 29);
	v += __builtin_shufflevector(zero, v, 12, 13, 14, 15, 16, 17, 18, 19,
				     20, 21, 22, 23, 24, 25, 26, 27);
	v += __builtin_shufflevector(zero, v, 8, 9, 10, 11, 12, 13, 14, 15, 16,
				     17, 18, 19, 20, 21, 22, 23);
	return v;
}

static void undo_sub(unsigned char *row, size_t width)
{
	unsigned char left = 0;
	size_t x = 0;

	for (; width - x >= 16; x += 16) {
		bytes16 v = add_up(bytes16_load(row + x)) + left;

		bytes16_store(row + x, v);
		left = v[15];
	}
	for (; x < width; x++)
		row[x] = left = (unsigned char)(left + row[x]);
}

static void undo_up(unsigned char *row, const unsigned char *above,
		    size_t width)
{
	size_t x = 0;

	for (; width - x >= 16; x += 16)
		bytes16_store(row + x,
			      bytes16_load(row + x) + bytes16_load(above + x));
	for (; x < width; x++)
		row[x] = (unsigned char)(row[x] + above[x]);
}

static void undo_average(unsigned char *row, const unsigned char *above,
			 size_t width)
{
	unsigned left = 0;

	for (size_t x = 0; x < width; x++) {
		left = (row[x] + (left + above[x]) / 2) & 0xff;
		row[x] = (unsigned char)left;
	}
}

/* Paeth's guess, of left, up and the corner: where the corner is in the lowest
 * third of the way from the lower of the other two to the higher, or below it,
 * then the higher; in the highest third or above, the lower; else the corner.
 * Of noise nobody knows which it will be: so no branches, and as little as can
 * be of what has to wait for the pixel to the left. */
static void undo_paeth(unsigned char *row, const unsigned char *above,
		       size_t width)
{
	int left = 0, corner = 0;

	for (size_t x = 0; x < width; x++) {
		int up = above[x];
		int mirrored = 3 * corner - up - left;
		int low = MIN(left, up), high = MAX(left, up);
		int guess = high <= mirrored ? low : corner;

		guess = mirrored <= low ? high : guess;
		left = (row[x] + guess) & 0xff;
		row[x] = (unsigned char)left;
		corner = up;
	}
}

static int undo_filters(const struct pngplain *p, unsigned char *rows)
{
	for (size_t y = 0; y < p->height; y++) {
		unsigned char *row = pngplain_row(p, rows, y);
		const unsigned char *above = row - (p->width + 1);

		switch (row[-1]) {
		case 0:
			break;
		case 1:
			undo_sub(row, p->width);
			break;
		case 2:
			undo_up(row, above, p->width);
			break;
		case 3:
			undo_average(row, above, p->width);
			break;
		case 4:
			undo_paeth(row, above, p->width);
			break;
		default:
			return -EBADMSG;
		}
	}
	return 0;
}

/* Deflate's largest window: libdeflate would forgive distances beyond a smaller
 * one. */
#define ZLIB_32K 0x78

int pngplain_decode(const struct pngplain *p, const unsigned char *file,
		    size_t len, bool sums, unsigned char *packed,
		    unsigned char *rows)
{
	size_t stride = p->width + 1;
	size_t n = collect(file, len, sums, packed);
	int rc;

	if (n == 0 || packed[0] != ZLIB_32K)
		return -EBADMSG;
	memset(rows, 0, stride);
	rc = inflate_zlib(packed, n, rows + stride, p->rows_bytes - stride);
	return rc ? rc : undo_filters(p, rows);
}
