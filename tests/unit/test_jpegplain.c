#include "train/jpegplain.h"

#include "base/rng.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <string.h>

#include <jpeglib.h>

#define MOST (1 << 20)

struct picture {
	unsigned width, height;
	int quality;
	bool optimized; /* Huffman's codes are the picture's own */
	unsigned noise; /* bits of it */
};

/* Slopes and noise. */
static void draw(const struct picture *p, unsigned char *pixels)
{
	struct rng g;

	rng_seed(&g, p->width);
	for (unsigned i = 0; i < p->width * p->height; i++)
		pixels[i] =
			(unsigned char)((i % p->width * 3 + i / p->width) / 2 +
					(rng_u64(&g) >> (64 - p->noise)));
}

static unsigned char pixels[512 * 512], file[1 << 19];

/* A file in memory, by libjpeg; its length. */
static size_t encode(const struct picture *p, int components, bool progressive,
		     unsigned restart)
{
	struct jpeg_compress_struct jpeg;
	struct jpeg_error_mgr errors;
	unsigned char *out = NULL;
	unsigned long len = 0;

	jpeg.err = jpeg_std_error(&errors);
	jpeg_create_compress(&jpeg);
	jpeg_mem_dest(&jpeg, &out, &len);
	jpeg.image_width = p->width;
	jpeg.image_height = p->height;
	jpeg.input_components = components;
	jpeg.in_color_space = components == 1 ? JCS_GRAYSCALE : JCS_RGB;
	jpeg_set_defaults(&jpeg);
	jpeg_set_quality(&jpeg, p->quality, TRUE);
	jpeg.optimize_coding = p->optimized;
	jpeg.restart_interval = restart;
	if (progressive)
		jpeg_simple_progression(&jpeg);
	draw(p, pixels);
	jpeg_start_compress(&jpeg, TRUE);
	while (jpeg.next_scanline < p->height) {
		unsigned char *row = pixels + jpeg.next_scanline * p->width;

		jpeg_write_scanlines(&jpeg, &row, 1);
	}
	jpeg_finish_compress(&jpeg);
	jpeg_destroy_compress(&jpeg);
	cr_assert_leq(len, sizeof(file));
	memcpy(file, out, len);
	free(out);
	return len;
}

/* What libjpeg makes of it, into pixels. */
static void decode_by_libjpeg(size_t len)
{
	struct jpeg_decompress_struct jpeg;
	struct jpeg_error_mgr errors;

	jpeg.err = jpeg_std_error(&errors);
	jpeg_create_decompress(&jpeg);
	jpeg_mem_src(&jpeg, file, len);
	jpeg_read_header(&jpeg, TRUE);
	jpeg_start_decompress(&jpeg);
	while (jpeg.output_scanline < jpeg.output_height) {
		unsigned char *row =
			pixels + jpeg.output_scanline * jpeg.output_width;

		jpeg_read_scanlines(&jpeg, &row, 1);
	}
	jpeg_finish_decompress(&jpeg);
	jpeg_destroy_decompress(&jpeg);
	cr_assert_eq(errors.num_warnings, 0);
}

/* All of the file at once, or its scan byte by byte. */
static int decode(struct jpegplain *p, size_t len, bool slowly,
		  unsigned char *out)
{
	AUTO_FREE unsigned char *packed = malloc(len + JPEGPLAIN_PAD);
	int rc = 0;

	if (!jpegplain_begins(p, file, len, MOST))
		return -EBADMSG;
	for (size_t have = slowly ? 0 : len; rc == 0 && have <= len; have++)
		rc = jpegplain_gather(p, file, have, packed);
	return rc == 1 ? jpegplain_decode(p, packed, out) : -EBADMSG;
}

static unsigned char out[MOST];

Test(jpegplain, gives_the_pixels_that_libjpeg_gives)
{
	static const struct picture pictures[] = {
		{ 1, 1, 75, false, 8 },	    { 8, 8, 75, false, 8 },
		{ 9, 7, 75, false, 8 },	    { 100, 90, 75, false, 8 },
		{ 200, 200, 75, false, 8 }, { 200, 200, 100, false, 8 },
		{ 200, 200, 1, false, 8 },  { 200, 200, 30, false, 1 },
		{ 200, 200, 75, true, 8 },  { 200, 200, 95, true, 3 },
		{ 200, 200, 100, true, 8 }, { 500, 3, 98, true, 5 },
		{ 3, 500, 50, true, 8 },    { 128, 64, 90, false, 8 },
		{ 129, 65, 90, false, 8 },  { 300, 300, 10, true, 8 },
	};
	struct jpegplain *p;

	cr_assert_eq(jpegplain_new(&p), 0);
	for (size_t i = 0; i < ARRAY_SIZE(pictures); i++) {
		const struct picture *c = &pictures[i];
		size_t len = encode(c, 1, false, 0);

		decode_by_libjpeg(len);
		for (int slowly = 0; slowly < 2; slowly++) {
			memset(out, 1, sizeof(out));
			cr_assert_eq(decode(p, len, slowly, out), 0,
				     "picture %zu", i);
			cr_assert_leq((c->height - 1) * jpegplain_stride(p) +
					      c->width,
				      jpegplain_pixels(p));
			for (unsigned y = 0; y < c->height; y++)
				cr_assert_arr_eq(out + y * jpegplain_stride(p),
						 pixels + y * c->width,
						 c->width, "picture %zu row %u",
						 i, y);
		}
	}
	jpegplain_free(p);
}

Test(jpegplain, leaves_all_that_is_not_plain)
{
	static const struct picture picture = { 60, 50, 75, false, 8 };
	static const struct {
		int components;
		bool progressive;
		unsigned restart;
	} kinds[] = { { 3, false, 0 }, { 1, true, 0 }, { 1, false, 4 } };
	struct jpegplain *p;
	size_t len;

	cr_assert_eq(jpegplain_new(&p), 0);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		len = encode(&picture, kinds[i].components,
			     kinds[i].progressive, kinds[i].restart);
		cr_expect_eq(decode(p, len, false, out), -EBADMSG, "%zu", i);
	}
	len = encode(&picture, 1, false, 0);
	cr_expect(jpegplain_begins(p, file, len, 64 * 56));
	cr_expect_not(jpegplain_begins(p, file, len, 64 * 56 - 1));
	jpegplain_free(p);
}

Test(jpegplain, is_not_plain_when_cut)
{
	static const struct picture picture = { 30, 30, 75, false, 8 };
	size_t len = encode(&picture, 1, false, 0);
	struct jpegplain *p;

	cr_assert_eq(jpegplain_new(&p), 0);
	cr_assert_eq(decode(p, len, false, out), 0);
	while (--len > 0)
		cr_expect_eq(decode(p, len, false, out), -EBADMSG, "%zu", len);
	jpegplain_free(p);
}

/* What libjpeg would complain of is never taken for good. */
Test(jpegplain, takes_nothing_that_libjpeg_does_not)
{
	static const struct picture picture = { 30, 30, 75, false, 8 };
	size_t len = encode(&picture, 1, false, 0), start;
	static const unsigned char eoi[] = { 0xff, 0xd9 };
	struct jpegplain *p;

	cr_assert_eq(jpegplain_new(&p), 0);
	/* A byte too many, and one too few, before the end. */
	memcpy(file + len, eoi, 2);
	file[len - 2] = 0x55, file[len - 1] = 0x55;
	cr_expect_eq(decode(p, len + 2, false, out), -EBADMSG);
	memcpy(file + len - 3, eoi, 2);
	cr_expect_eq(decode(p, len - 1, false, out), -EBADMSG);

	/* Bits that are no code: many ones. */
	len = encode(&picture, 1, false, 0);
	start = (size_t)((unsigned char *)memmem(file, len, "\xff\xda", 2) -
			 file) +
		10;
	file[start] = file[start + 2] = 0xff;
	file[start + 1] = file[start + 3] = 0;
	cr_expect_eq(decode(p, len, false, out), -EBADMSG);
	jpegplain_free(p);
}
