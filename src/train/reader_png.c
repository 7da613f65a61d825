/* numpy.asarray(PIL.Image.open(file)) of a PNG, as Pillow 9.4 does it: 16 bytes
 * to see what it is, from the start again chunk by chunk through Python's
 * buffer, pixels in pieces of 64 KiB at most, to the end of the last chunk. */
#include "base/clock.h"
#include "train/reader_format.h"

#include <errno.h>
#include <png.h>
#include <setjmp.h>
#include <string.h>

#define PIECE 65536u
#define SIGNATURE 8
#define CHUNK_HEAD 8
#define CHUNK_TAIL 4

/* No chunk but that of pixels may be larger. */
#define MAX_OTHER_CHUNK (1 << 20)

/* A picture that says it is larger than this lies. */
#define MAX_SIDE (1 << 24)

struct decoder {
	struct reader *r;
	struct reader_sum sum;
	png_structp png;
	png_infop info;
	jmp_buf failed;
	const char *wrong;
	size_t row_bytes;
	unsigned char *row;
	bool ended;
	char message[128];
	unsigned char piece[PIECE];
};

static void fail(png_structp png, png_const_charp message)
{
	struct decoder *d = png_get_error_ptr(png);

	snprintf(d->message, sizeof(d->message), "is no good PNG: %s", message);
	d->wrong = d->message;
	longjmp(d->failed, 1);
}

static void say_nothing(png_structp png, png_const_charp message)
{
	(void)png, (void)message;
}

static void got_info(png_structp png, png_infop info)
{
	struct decoder *d = png_get_progressive_ptr(png);

	png_start_read_image(png);
	d->row_bytes = png_get_rowbytes(png, info);
	d->row = malloc(d->row_bytes);
	if (!d->row)
		png_error(png, "no memory for a row");
}

static void got_row(png_structp png, png_bytep row, png_uint_32 y, int pass)
{
	struct decoder *d = png_get_progressive_ptr(png);

	(void)y, (void)pass;
	if (row)
		memcpy(d->row, row, d->row_bytes);
}

static void got_end(png_structp png, png_infop info)
{
	struct decoder *d = png_get_progressive_ptr(png);

	(void)info;
	d->ended = true;
}

/* Pillow looks at no checksum; nor do we where we do not check. */
static int start(struct decoder *d)
{
	d->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, d, fail,
					say_nothing);
	d->info = d->png ? png_create_info_struct(d->png) : NULL;
	if (!d->info)
		return -ENOMEM;
	png_set_progressive_read_fn(d->png, d, got_info, got_row, got_end);
	png_set_user_limits(d->png, MAX_SIDE, MAX_SIDE);
	if (!d->r->check)
		png_set_crc_action(d->png, PNG_CRC_QUIET_USE,
				   PNG_CRC_QUIET_USE);
	return 0;
}

/* Nothing here may keep a variable of its own over a longjmp(). */
static int feed(struct decoder *d, size_t len)
{
	if (setjmp(d->failed))
		return reader_wrong(d->r, d->wrong);
	png_process_data(d->png, d->info, d->piece, len);
	return 0;
}

/* The next bytes of the file, decoded. */
static int take(struct decoder *d, size_t len)
{
	ssize_t got = pyfile_read(d->r->py, d->piece, len);
	uint64_t from_ns;
	int rc;

	if (got != (ssize_t)len)
		return reader_failed(d->r, got, pyfile_offset(d->r->py));
	reader_add(&d->sum, d->piece, len);
	from_ns = clock_ns();
	rc = feed(d, len);
	d->r->check_ns += clock_ns() - from_ns;
	return rc;
}

static int take_chunk(struct decoder *d)
{
	uint32_t left;
	bool pixels;
	int rc = take(d, CHUNK_HEAD);

	if (rc)
		return rc;
	left = (uint32_t)d->piece[0] << 24 | (uint32_t)d->piece[1] << 16 |
	       (uint32_t)d->piece[2] << 8 | d->piece[3];
	pixels = !memcmp(d->piece + 4, "IDAT", 4);
	if (!pixels && left > MAX_OTHER_CHUNK)
		return reader_wrong(d->r, "has a PNG chunk beyond all reason");
	while (left > 0 && !rc) {
		size_t n = MIN(left, PIECE);

		rc = take(d, n);
		left -= (uint32_t)n;
	}
	return rc ? rc : take(d, CHUNK_TAIL);
}

static int decode(struct decoder *d)
{
	int rc = start(d);

	if (rc)
		return reader_failed(d->r, rc, 0);
	rc = take(d, SIGNATURE);
	while (!rc && !d->ended)
		rc = take_chunk(d);
	return rc ? rc : reader_check_sum(&d->sum);
}

int reader_png_read(struct reader *r, struct source_file *f)
{
	AUTO_FREE struct decoder *d = calloc(1, sizeof(*d));
	int rc;

	if (!d)
		return reader_failed(r, -ENOMEM, 0);
	d->r = r;
	d->sum.reader = r;
	rc = reader_look(r, f);
	if (!rc)
		rc = decode(d);
	png_destroy_read_struct(&d->png, &d->info, NULL);
	free(d->row);
	return rc;
}
