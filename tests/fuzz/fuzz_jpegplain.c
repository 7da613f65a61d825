/* Any bytes as a JPEG: what is decoded as a plain one is good for libjpeg, too,
 * and has the same sides. */
#include "train/jpegplain.h"

#include <setjmp.h>
#include <string.h>

#include <jpeglib.h>

#define MOST (1 << 20)

struct judge {
	struct jpeg_decompress_struct jpeg;
	struct jpeg_error_mgr errors;
	jmp_buf failed;
};

static void fail(j_common_ptr jpeg)
{
	longjmp(CONTAINER_OF(jpeg, struct judge, jpeg)->failed, 1);
}

static void complain(j_common_ptr jpeg, int level)
{
	if (level < 0)
		fail(jpeg);
}

/* Nothing here may keep a variable of its own over a longjmp(). */
static bool libjpeg_takes(struct judge *j, const uint8_t *data, size_t len,
			  unsigned char *row)
{
	j->jpeg.err = jpeg_std_error(&j->errors);
	j->errors.error_exit = fail;
	j->errors.emit_message = complain;
	if (setjmp(j->failed))
		return false;
	jpeg_create_decompress(&j->jpeg);
	jpeg_mem_src(&j->jpeg, data, len);
	jpeg_read_header(&j->jpeg, TRUE);
	jpeg_start_decompress(&j->jpeg);
	while (j->jpeg.output_scanline < j->jpeg.output_height)
		jpeg_read_scanlines(&j->jpeg, &row, 1);
	jpeg_finish_decompress(&j->jpeg);
	return true;
}

static void expect_good(const struct jpegplain *p, const uint8_t *data,
			size_t len)
{
	static unsigned char row[1 << 16];
	struct judge j = { 0 };

	if (!libjpeg_takes(&j, data, len, row) ||
	    round_up(j.jpeg.output_width, 8) != jpegplain_stride(p))
		abort();
	jpeg_destroy_decompress(&j.jpeg);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	AUTO_FREE unsigned char *packed = malloc(len + JPEGPLAIN_PAD);
	struct jpegplain *p;

	if (!packed || jpegplain_new(&p))
		abort();
	if (jpegplain_begins(p, data, len, MOST)) {
		AUTO_FREE unsigned char *out = malloc(jpegplain_pixels(p));

		if (jpegplain_gather(p, data, len, packed) == 1 &&
		    jpegplain_decode(p, packed, out) == 0)
			expect_good(p, data, len);
	}
	jpegplain_free(p);
	return 0;
}
