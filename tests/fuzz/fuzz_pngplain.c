/* Any bytes as a PNG: what is decoded as a plain one has the same pixels for
 * libpng. */
#include "train/pngplain.h"

#include <png.h>
#include <string.h>

#define MOST (1 << 20)

static void expect_same(const struct pngplain *p, unsigned char *rows,
			const uint8_t *data, size_t len)
{
	png_image image = { .version = PNG_IMAGE_VERSION };
	AUTO_FREE unsigned char *pixels = malloc(p->width * p->height);

	if (!png_image_begin_read_from_memory(&image, data, len))
		abort();
	image.format = PNG_FORMAT_GRAY;
	if (image.width != p->width || image.height != p->height ||
	    !png_image_finish_read(&image, NULL, pixels, 0, NULL))
		abort();
	for (size_t y = 0; y < p->height; y++)
		if (memcmp(pngplain_row(p, rows, y), pixels + y * p->width,
			   p->width) != 0)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	AUTO_FREE unsigned char *packed = malloc(len + 1);
	struct pngplain p;

	if (len >= PNGPLAIN_HEAD && pngplain_begins(data, MOST, &p)) {
		AUTO_FREE unsigned char *rows = malloc(p.rows_bytes);

		if (!pngplain_decode(&p, data, len, true, packed, rows))
			expect_same(&p, rows, data, len);
	}
	return 0;
}
