/* Image.save(format="PNG") of Pillow: 8-bit grey, zlib's default level, IDAT
 * chunks of 64 KiB.  The framing is ours: Portable Network Graphics (PNG)
 * Specification, Third Edition, sections 5, 9 and 10. */
#include "base/bytes16.h"
#include "base/clones.h"
#include "data/format.h"
#include "data/image.h"

#include <errno.h>
#include <string.h>
#include <zlib.h>

#define MAX_SIDE (1U << 24) /* what our reader takes */
#define IDAT_SIZE (64 * KIB)

/* Length and type before a chunk's data, CRC-32 after. */
#define CHUNK_HEAD 8
#define CHUNK_TAIL 4

enum { FILTER_NONE, FILTER_SUB, FILTER_UP, FILTER_AVERAGE, FILTER_PAETH };

struct encoder {
	struct format_sink *sink;
	struct image image;
	z_stream z;
	unsigned char *above, *row; /* 1 + width bytes: 0, pixels */
	unsigned char *filtered;    /* the same: type of filter, bytes */
	size_t room;		    /* for data, in: */
	unsigned char *chunk;
};

static void put32(unsigned char *at, uint32_t n)
{
	for (int i = 0; i < 4; i++)
		at[i] = (unsigned char)(n >> (24 - 8 * i));
}

/* Data is in place, behind room for the chunk's head. */
static int put_chunk(struct format_sink *out, const char *type,
		     unsigned char *chunk, size_t len)
{
	put32(chunk, (uint32_t)len);
	memcpy(chunk + 4, type, 4);
	put32(chunk + CHUNK_HEAD + len, crc_crc32(0, chunk + 4, 4 + len));
	return format_put(out, chunk, CHUNK_HEAD + len + CHUNK_TAIL);
}

static int put_start(struct encoder *e)
{
	static const unsigned char signature[] = "\x89PNG\r\n\x1a\n";
	unsigned char ihdr[CHUNK_HEAD + 13 + CHUNK_TAIL] = { 0 };
	unsigned char *data = ihdr + CHUNK_HEAD;
	int rc;

	put32(data, (uint32_t)e->image.width);
	put32(data + 4, (uint32_t)e->image.height);
	data[8] = 8; /* bits; the zeros after it: grey, and all by default */
	rc = format_put(e->sink, signature, sizeof(signature) - 1);
	return rc ? rc : put_chunk(e->sink, "IHDR", ihdr, 13);
}

static int put_end(struct encoder *e)
{
	unsigned char iend[CHUNK_HEAD + CHUNK_TAIL];

	return put_chunk(e->sink, "IEND", iend, 0);
}

/* ---- Filters ---- */

static unsigned char paeth(int left, int up, int corner)
{
	int p = left + up - corner;
	int to_left = abs(p - left), to_up = abs(p - up);
	int to_corner = abs(p - corner);

	if (to_left <= to_up && to_left <= to_corner)
		return (unsigned char)left;
	return (unsigned char)(to_up <= to_corner ? up : corner);
}

typedef int16_t i16x16 __attribute__((vector_size(32)));

static ALWAYS_INLINE void wide(const unsigned char *from, i16x16 *out)
{
	*out = __builtin_convertvector(bytes16_load(from), i16x16);
}

static ALWAYS_INLINE void absolute(i16x16 *v)
{
	i16x16 negative = *v < 0;

	*v = (*v ^ negative) - negative;
}

/* The bytes less Paeth's guess, as above, of 16 at a time. */
WITH_AND_WITHOUT_AVX2 static void filter_paeth(const unsigned char *row,
					       const unsigned char *above,
					       unsigned char *out, size_t width)
{
	size_t x = 0;

	for (; width - x >= 16; x += 16) {
		i16x16 left, up, corner, to_left, to_up, to_corner, is_left;
		i16x16 guess, is_up, pixel;

		wide(row + x, &pixel);
		wide(row + x - 1, &left);
		wide(above + x, &up);
		wide(above + x - 1, &corner);
		to_left = up - corner;
		to_up = left - corner;
		to_corner = to_left + to_up;
		absolute(&to_left);
		absolute(&to_up);
		absolute(&to_corner);
		is_left = (to_left <= to_up) & (to_left <= to_corner);
		is_up = to_up <= to_corner;
		guess = (is_up & up) | (~is_up & corner);
		guess = (is_left & left) | (~is_left & guess);
		pixel = (pixel - guess) & 0xff;
		bytes16_store(out + x, __builtin_convertvector(pixel, bytes16));
	}
	for (; x < width; x++)
		out[x] = (unsigned char)(row[x] -
					 paeth(row[(ptrdiff_t)x - 1], above[x],
					       above[(ptrdiff_t)x - 1]));
}

/* The bytes less others: those to the left, or above. */
static void filter_plain(const unsigned char *row, const unsigned char *less,
			 unsigned char *out, size_t width)
{
	size_t x = 0;

	for (; width - x >= 16; x += 16)
		bytes16_store(out + x,
			      bytes16_load(row + x) - bytes16_load(less + x));
	for (; x < width; x++)
		out[x] = (unsigned char)(row[x] - less[x]);
}

/* Pillow takes the filter that leaves the smallest numbers, and never chose
 * the average in what was looked at.  Of noise none is better than another: it
 * is the rows' turn, so that a reader has the same mixture to undo. */
static void filter(struct encoder *e, uint64_t y)
{
	static const unsigned char turn[] = { FILTER_UP, FILTER_NONE,
					      FILTER_SUB, FILTER_PAETH };
	const unsigned char *row = e->row + 1, *up = e->above + 1;
	unsigned char *out = e->filtered + 1;
	size_t width = e->image.width;

	e->filtered[0] = turn[y % ARRAY_SIZE(turn)];
	switch (e->filtered[0]) {
	case FILTER_NONE:
		memcpy(out, row, width);
		break;
	case FILTER_SUB:
		filter_plain(row, row - 1, out, width);
		break;
	case FILTER_UP:
		filter_plain(row, up, out, width);
		break;
	case FILTER_PAETH:
		filter_paeth(row, up, out, width);
		break;
	}
}

/* ---- Compressed data ---- */

static void empty_chunk(struct encoder *e)
{
	e->z.next_out = e->chunk + CHUNK_HEAD;
	e->z.avail_out = (uInt)e->room;
}

/* Compress what is in the input; chunks go out as they become full, and with
 * Z_FINISH the last. */
static int deflate_out(struct encoder *e, int flush)
{
	int z;

	do {
		int rc = 0;

		z = deflate(&e->z, flush);
		if (z == Z_STREAM_ERROR)
			return -EINVAL;
		if (e->z.avail_out == 0 || z == Z_STREAM_END) {
			rc = put_chunk(e->sink, "IDAT", e->chunk,
				       e->room - e->z.avail_out);
			empty_chunk(e);
		}
		if (rc)
			return rc;
	} while (flush == Z_FINISH ? z != Z_STREAM_END : e->z.avail_in > 0);
	return 0;
}

static int put_rows(struct encoder *e)
{
	empty_chunk(e);
	for (uint64_t y = 0; y < e->image.height; y++) {
		unsigned char *above = e->above;
		int rc;

		image_row(&e->image, e->row + 1);
		filter(e, y);
		e->above = e->row;
		e->row = above;
		e->z.next_in = e->filtered;
		e->z.avail_in = (uInt)(1 + e->image.width);
		rc = deflate_out(e, Z_NO_FLUSH);
		if (rc)
			return rc;
	}
	return deflate_out(e, Z_FINISH);
}

static int encode(struct encoder *e)
{
	int rc = put_start(e);

	if (!rc)
		rc = put_rows(e);
	return rc ? rc : put_end(e);
}

/* Pillow deflates as it says here but for Z_RLE: it searches for repetitions,
 * which noise has not.  Without that search the same bits come out, in half the
 * time.  Its chunks are 64 KiB, or four rows where that is more. */
static int png_encode(const struct dataset_file *f, struct format_sink *out)
{
	AUTO_FREE struct encoder *e = calloc(1, sizeof(*e));
	AUTO_FREE unsigned char *rows = calloc(3, 1 + f->dims[1]);
	AUTO_FREE unsigned char *chunk = NULL;
	int rc;

	if (!e || !rows)
		return -ENOMEM;
	image_init(&e->image, f);
	e->sink = out;
	e->above = rows;
	e->row = rows + 1 + e->image.width;
	e->filtered = rows + 2 * (1 + e->image.width);
	e->room = MIN(MAX(IDAT_SIZE, 4 * e->image.width), GIB);
	e->chunk = chunk = malloc(CHUNK_HEAD + e->room + CHUNK_TAIL);
	if (!chunk || deflateInit2(&e->z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15,
				   9, Z_RLE) != Z_OK)
		return -ENOMEM;
	rc = encode(e);
	deflateEnd(&e->z);
	return rc;
}

static int png_check(const struct dataset_file *f)
{
	return image_check(f, "png", MAX_SIDE);
}

const struct format format_png = {
	.name = "png",
	.encode = png_encode,
	.check = png_check,
	.dtype = "uint8",
	.one_sample = true,
};
