/* Image.save(format="JPEG") of Pillow: baseline, JFIF 1.1, quality 75, by the
 * same library, libjpeg-turbo. */
#include "data/format.h"
#include "data/image.h"

#include <errno.h>
#include <setjmp.h>

#include <jpeglib.h>
#include <jerror.h>

#define OUT_BYTES (64 * KIB)

struct encoder {
	struct jpeg_compress_struct jpeg;
	struct jpeg_error_mgr errors;
	struct jpeg_destination_mgr dest;
	jmp_buf failed;
	int rc;
	struct format_sink *sink;
	struct image image;
	unsigned char *row;
	unsigned char out[OUT_BYTES];
};

static struct encoder *encoder_of(j_common_ptr jpeg)
{
	return CONTAINER_OF(jpeg, struct encoder, jpeg);
}

/* The library's way to fail.  What it complains of cannot be but for want of
 * memory, or because the sink said no. */
static void fail(j_common_ptr jpeg)
{
	struct encoder *e = encoder_of(jpeg);

	if (e->rc == 0)
		e->rc = e->errors.msg_code == JERR_OUT_OF_MEMORY ? -ENOMEM :
								   -EINVAL;
	longjmp(e->failed, 1);
}

static void say_nothing(j_common_ptr jpeg)
{
	(void)jpeg;
}

static void put(j_compress_ptr jpeg, size_t len)
{
	struct encoder *e = encoder_of((j_common_ptr)jpeg);

	e->rc = format_put(e->sink, e->out, len);
	if (e->rc)
		longjmp(e->failed, 1);
}

static void start_out(j_compress_ptr jpeg)
{
	struct encoder *e = encoder_of((j_common_ptr)jpeg);

	e->dest.next_output_byte = e->out;
	e->dest.free_in_buffer = OUT_BYTES;
}

static boolean full_out(j_compress_ptr jpeg)
{
	put(jpeg, OUT_BYTES);
	start_out(jpeg);
	return TRUE;
}

static void end_out(j_compress_ptr jpeg)
{
	put(jpeg, OUT_BYTES - jpeg->dest->free_in_buffer);
}

static void set_up(struct encoder *e)
{
	struct jpeg_compress_struct *jpeg = &e->jpeg;

	jpeg->err = jpeg_std_error(&e->errors);
	e->errors.error_exit = fail;
	e->errors.output_message = say_nothing;
	jpeg_create_compress(jpeg);
	e->dest.init_destination = start_out;
	e->dest.empty_output_buffer = full_out;
	e->dest.term_destination = end_out;
	jpeg->dest = &e->dest;
	jpeg->image_width = (JDIMENSION)e->image.width;
	jpeg->image_height = (JDIMENSION)e->image.height;
	jpeg->input_components = 1;
	jpeg->in_color_space = JCS_GRAYSCALE;
	jpeg_set_defaults(jpeg); /* quality 75 */
}

/* Nothing here may keep a variable of its own over a longjmp(). */
static int encode(struct encoder *e)
{
	if (setjmp(e->failed))
		return e->rc;
	set_up(e);
	jpeg_start_compress(&e->jpeg, TRUE);
	while (e->jpeg.next_scanline < e->jpeg.image_height) {
		image_row(&e->image, e->row);
		jpeg_write_scanlines(&e->jpeg, &e->row, 1);
	}
	jpeg_finish_compress(&e->jpeg);
	return 0;
}

static int jpeg_encode(const struct dataset_file *f, struct format_sink *out)
{
	AUTO_FREE struct encoder *e = calloc(1, sizeof(*e));
	AUTO_FREE unsigned char *row = malloc(f->dims[1]);
	int rc;

	if (!e || !row)
		return -ENOMEM;
	e->sink = out;
	e->row = row;
	image_init(&e->image, f);
	rc = encode(e);
	jpeg_destroy_compress(&e->jpeg);
	return rc;
}

static int jpeg_check(const struct dataset_file *f)
{
	return image_check(f, "jpeg", JPEG_MAX_DIMENSION);
}

const struct format format_jpeg = {
	.name = "jpeg",
	.encode = jpeg_encode,
	.check = jpeg_check,
	.dtype = "uint8",
	.one_sample = true,
};
