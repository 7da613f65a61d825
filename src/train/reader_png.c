/* numpy.asarray(PIL.Image.open(file)) of a PNG, as Pillow 9.4 does it: 16 bytes
 * to see what it is, from the start again chunk by chunk through Python's
 * buffer, pixels in pieces of 64 KiB at most, to the end of the last chunk. */
#include "base/clock.h"
#include "train/pngplain.h"
#include "train/reader_format.h"

#include <errno.h>
#include <png.h>
#include <setjmp.h>
#include <string.h>

#define PIECE 65536u
#define CHUNK_HEAD 8
#define CHUNK_TAIL 4

/* No chunk but that of pixels may be larger. */
#define MAX_OTHER_CHUNK (1 << 20)

/* A picture that says it is larger than this lies. */
#define MAX_SIDE (1 << 24)

/* The most bytes of a file, and of its rows, that are decoded at once. */
#define MAX_PLAIN (64 * MIB)

struct decoder {
	struct reader *r;
	struct reader_sum sum;

	/* A plain picture is collected, and decoded when it is complete: */
	bool plain;
	struct pngplain picture;
	unsigned char *file;
	size_t room, len;
	bool last; /* chunk */

	/* others by libpng, as they are read. */
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

/* ---- By libpng ---- */

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
static int feed(struct decoder *d, unsigned char *bytes, size_t len)
{
	if (setjmp(d->failed))
		return reader_wrong(d->r, d->wrong);
	png_process_data(d->png, d->info, bytes, len);
	return 0;
}

static int feed_first(struct decoder *d, unsigned char *bytes, size_t len)
{
	int rc = start(d);

	return rc ? reader_failed(d->r, rc, 0) : feed(d, bytes, len);
}

/* ---- Bytes of the file ---- */

static int read_on(struct decoder *d, unsigned char *to, size_t len)
{
	ssize_t got = pyfile_read(d->r->py, to, len);

	if (got != (ssize_t)len)
		return reader_failed(d->r, got, pyfile_offset(d->r->py));
	reader_add(&d->sum, to, len);
	return 0;
}

/* The next bytes, decoded or put to the others.  *out: where they are. */
static int take(struct decoder *d, size_t len, unsigned char **out)
{
	uint64_t from_ns;
	int rc;

	*out = d->plain ? d->file + d->len : d->piece;
	if (d->plain && len > d->room - d->len)
		return reader_failed(d->r, 0, d->room);
	rc = read_on(d, *out, len);
	if (d->plain)
		d->len += len;
	if (rc || d->plain)
		return rc;
	from_ns = clock_ns();
	rc = feed(d, d->piece, len);
	d->r->check_ns += clock_ns() - from_ns;
	return rc;
}

static int take_chunk(struct decoder *d)
{
	unsigned char *head, *data;
	uint32_t left;
	int rc = take(d, CHUNK_HEAD, &head);

	if (rc)
		return rc;
	left = (uint32_t)head[0] << 24 | (uint32_t)head[1] << 16 |
	       (uint32_t)head[2] << 8 | head[3];
	if (memcmp(head + 4, "IDAT", 4) != 0 && left > MAX_OTHER_CHUNK)
		return reader_wrong(d->r, "has a PNG chunk beyond all reason");
	d->last = !memcmp(head + 4, "IEND", 4);
	while (left > 0 && !rc) {
		size_t n = MIN(left, PIECE);

		rc = take(d, n, &data);
		left -= (uint32_t)n;
	}
	return rc ? rc : take(d, CHUNK_TAIL, &data);
}

/* ---- The picture ---- */

/* Room for the file, its compressed data in one piece, and its rows. */
static int begin_plain(struct decoder *d, size_t size)
{
	int rc = reader_reserve(d->r, 2 * size + d->picture.rows_bytes);

	if (rc)
		return rc;
	d->file = d->r->image;
	d->room = size;
	memcpy(d->file, d->piece, PNGPLAIN_HEAD);
	d->len = PNGPLAIN_HEAD;
	d->plain = true;
	return 0;
}

static int begin(struct decoder *d, size_t size)
{
	int rc = read_on(d, d->piece, PNGPLAIN_HEAD);

	if (rc)
		return rc;
	if (size >= PNGPLAIN_HEAD && size <= MAX_PLAIN &&
	    pngplain_begins(d->piece, MAX_PLAIN, &d->picture) &&
	    MAX(d->picture.width, d->picture.height) <= MAX_SIDE)
		return begin_plain(d, size);
	return feed_first(d, d->piece, PNGPLAIN_HEAD);
}

/* What is not plain after all, or damaged, is for libpng to judge. */
static int decode_plain(struct decoder *d)
{
	unsigned char *packed = d->file + d->room;
	uint64_t from_ns = clock_ns();
	int rc = pngplain_decode(&d->picture, d->file, d->len, d->r->check,
				 packed, packed + d->room);

	d->ended = rc == 0;
	if (rc == -EBADMSG)
		rc = feed_first(d, d->file, d->len);
	else if (rc)
		reader_failed(d->r, rc, 0);
	d->r->check_ns += clock_ns() - from_ns;
	return rc;
}

static int decode(struct decoder *d, size_t size)
{
	int rc = begin(d, size);

	while (!rc && !(d->plain ? d->last : d->ended))
		rc = take_chunk(d);
	if (!rc && d->plain)
		rc = decode_plain(d);
	if (!rc && !d->ended)
		rc = reader_failed(d->r, 0, pyfile_offset(d->r->py));
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
		rc = decode(d, f->size);
	png_destroy_read_struct(&d->png, &d->info, NULL);
	free(d->row);
	return rc;
}
