/* numpy.asarray(PIL.Image.open(file)) of a JPEG, as Pillow 9.4 does it: 16
 * bytes to see what it is, then 64 KiB at a time from the start through
 * Python's buffer until the decoder, libjpeg-turbo, has the end of the image. */
#include "base/clock.h"
#include "train/reader_format.h"

#include <errno.h>
#include <setjmp.h>

#include <jpeglib.h>
#include <jerror.h>

#define PIECE 65536u

/* A progressive picture is kept as a whole while it is decoded. */
#define MAX_MEMORY (1L << 30)

struct decoder {
	struct reader *r;
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
	uint64_t from_ns = clock_ns();
	ssize_t got = pyfile_read(d->r->py, d->piece, PIECE);

	if (got <= 0) {
		d->rc = reader_failed(d->r, got, pyfile_offset(d->r->py));
		longjmp(d->failed, 1);
	}
	reader_add(&d->sum, d->piece, (size_t)got);
	d->source.next_input_byte = d->piece;
	d->source.bytes_in_buffer = (size_t)got;
	d->other_ns += clock_ns() - from_ns;
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
static int decode(struct decoder *d)
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
	rc = decode(d);
	r->check_ns += clock_ns() - from_ns - d->other_ns;
	jpeg_destroy_decompress(&d->jpeg);
	free(d->row);
	return rc ? rc : reader_check_sum(&d->sum);
}
