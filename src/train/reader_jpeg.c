/* numpy.asarray(PIL.Image.open(file)) of a JPEG, as Pillow 9.4 does it: 16
 * bytes to see what it is, then 64 KiB at a time from the start through
 * Python's buffer until the decoder, libjpeg-turbo, has the end of the image. */
#include "base/clock.h"
#include "train/jpegplain.h"
#include "train/reader_format.h"

#include <errno.h>
#include <setjmp.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

#define PIECE 65536u

/* A progressive picture is kept as a whole while it is decoded. */
#define MAX_MEMORY (1L << 30)

/* The most bytes of a file, and of its pixels, that are decoded at once. */
#define MAX_PLAIN (64 * MIB)

struct decoder {
	struct reader *r;

	/* What was read before libjpeg was asked. */
	unsigned char *file;
	size_t ahead;

	struct jpeg_decompress_struct jpeg;
	struct jpeg_error_mgr errors;
	struct jpeg_source_mgr source;
	jmp_buf failed;
	int rc;
	struct reader_sum sum;
	uint64_t other_ns; /* reading and summing, while decoding */
	unsigned char *row;
	unsigned char piece[PIECE];
};

/* The next bytes of the file: PIECE of them, fewer only at its end. */
static int read_piece(struct decoder *d, unsigned char *to)
{
	uint64_t from_ns = clock_ns();
	ssize_t got = pyfile_read(d->r->py, to, PIECE);

	if (got <= 0)
		return reader_failed(d->r, got, pyfile_offset(d->r->py));
	reader_add(&d->sum, to, (size_t)got);
	d->other_ns += clock_ns() - from_ns;
	return (int)got;
}

/* ---- By libjpeg ---- */

static struct decoder *decoder_of(j_common_ptr jpeg)
{
	return CONTAINER_OF(jpeg, struct decoder, jpeg);
}

static void fail(j_common_ptr jpeg)
{
	struct decoder *d = decoder_of(jpeg);
	char message[JMSG_LENGTH_MAX];

	jpeg->err->format_message(jpeg, message);
	d->rc = reader_wrong_in(d->r, "is no good JPEG: %s", message);
	longjmp(d->failed, 1);
}

/* A warning is damage that the library can live with; we cannot. */
static void complain(j_common_ptr jpeg, int level)
{
	if (level < 0)
		fail(jpeg);
}

static void start_input(j_decompress_ptr jpeg)
{
	(void)jpeg;
}

static void end_input(j_decompress_ptr jpeg)
{
	(void)jpeg;
}

static boolean fill_input(j_decompress_ptr jpeg)
{
	struct decoder *d = decoder_of((j_common_ptr)jpeg);
	int got;

	d->source.next_input_byte = d->file;
	d->source.bytes_in_buffer = d->ahead;
	if (d->ahead > 0) {
		d->ahead = 0;
		return TRUE;
	}
	got = read_piece(d, d->piece);
	if (got < 0) {
		d->rc = got;
		longjmp(d->failed, 1);
	}
	d->source.next_input_byte = d->piece;
	d->source.bytes_in_buffer = (size_t)got;
	return TRUE;
}

static void skip_input(j_decompress_ptr jpeg, long n)
{
	while (n > (long)jpeg->src->bytes_in_buffer) {
		n -= (long)jpeg->src->bytes_in_buffer;
		fill_input(jpeg);
	}
	if (n > 0) {
		jpeg->src->next_input_byte += n;
		jpeg->src->bytes_in_buffer -= (size_t)n;
	}
}

static void set_up(struct decoder *d)
{
	d->jpeg.err = jpeg_std_error(&d->errors);
	d->errors.error_exit = fail;
	d->errors.emit_message = complain;
	jpeg_create_decompress(&d->jpeg);
	d->jpeg.mem->max_memory_to_use = MAX_MEMORY;
	d->source.init_source = start_input;
	d->source.fill_input_buffer = fill_input;
	d->source.skip_input_data = skip_input;
	d->source.resync_to_restart = jpeg_resync_to_restart;
	d->source.term_source = end_input;
	d->jpeg.src = &d->source;
}

/* Nothing here may keep a variable of its own over a longjmp(). */
static int decode_any(struct decoder *d)
{
	if (setjmp(d->failed))
		return d->rc;
	set_up(d);
	jpeg_read_header(&d->jpeg, TRUE);
	jpeg_start_decompress(&d->jpeg);
	d->row = malloc((size_t)d->jpeg.output_width *
			(size_t)d->jpeg.output_components);
	if (!d->row)
		return reader_failed(d->r, -ENOMEM, 0);
	while (d->jpeg.output_scanline < d->jpeg.output_height)
		jpeg_read_scanlines(&d->jpeg, &d->row, 1);
	jpeg_finish_decompress(&d->jpeg);
	return 0;
}

/* ---- Plain pictures ---- */

/* Room for the file and a piece more, for its scan, and for its pixels. */
static int begin_plain(struct decoder *d, size_t room)
{
	int rc = reader_reserve(d->r, 2 * room + JPEGPLAIN_PAD +
					      jpegplain_pixels(d->r->jpeg));

	if (!rc)
		d->file = memcpy(d->r->image, d->piece, d->ahead);
	return rc;
}

/* Read to the end of the scan. */
static int gather(struct decoder *d, size_t room)
{
	unsigned char *scan = d->file + room;
	int rc;

	while (!(rc = jpegplain_gather(d->r->jpeg, d->file, d->ahead, scan))) {
		if (d->ahead > room - PIECE)
			return -EBADMSG;
		rc = read_piece(d, d->file + d->ahead);
		if (rc < 0)
			return rc;
		d->ahead += (size_t)rc;
	}
	return rc;
}

/* 1: it is not plain, or damaged, or too short, and for libjpeg to judge. */
static int decode_plain(struct decoder *d, size_t size)
{
	struct jpegplain *jpeg = d->r->jpeg;
	size_t room = size + PIECE;
	unsigned char *scan;
	int rc = read_piece(d, d->piece);

	if (rc < 0)
		return rc;
	d->file = d->piece;
	d->ahead = (size_t)rc;
	if (size > MAX_PLAIN ||
	    !jpegplain_begins(jpeg, d->file, d->ahead, MAX_PLAIN))
		return 1;
	rc = begin_plain(d, room);
	if (!rc)
		rc = gather(d, room);
	scan = d->file + room;
	if (rc > 0)
		rc = jpegplain_decode(jpeg, scan, scan + room + JPEGPLAIN_PAD);
	return rc == -EBADMSG ? 1 : rc;
}

static int decode(struct decoder *d, size_t size)
{
	int rc = d->r->jpeg ? 0 : jpegplain_new(&d->r->jpeg);

	if (rc)
		return reader_failed(d->r, rc, 0);
	rc = decode_plain(d, size);
	return rc > 0 ? decode_any(d) : rc;
}

int reader_jpeg_read(struct reader *r, struct source_file *f)
{
	AUTO_FREE struct decoder *d = calloc(1, sizeof(*d));
	uint64_t from_ns;
	int rc;

	if (!d)
		return reader_failed(r, -ENOMEM, 0);
	d->r = r;
	d->sum.reader = r;
	rc = reader_look(r, f);
	if (rc)
		return rc;
	from_ns = clock_ns();
	rc = decode(d, f->size);
	r->check_ns += clock_ns() - from_ns - d->other_ns;
	jpeg_destroy_decompress(&d->jpeg);
	free(d->row);
	return rc ? rc : reader_check_sum(&d->sum);
}

void reader_jpeg_forget(struct reader *r)
{
	jpegplain_free(r->jpeg);
}
