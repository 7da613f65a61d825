#include "train/pngplain.h"

#include "base/crc.h"
#include "base/rng.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <png.h>
#include <string.h>

#define MOST (1 << 20)

/* A file in memory, written by libpng. */
struct file {
	unsigned char bytes[1 << 18];
	size_t len;
};

static void add_bytes(png_structp png, png_bytep data, size_t len)
{
	struct file *f = png_get_io_ptr(png);

	cr_assert_leq(f->len + len, sizeof(f->bytes));
	memcpy(f->bytes + f->len, data, len);
	f->len += len;
}

static void write_png(struct file *f, unsigned width, unsigned height,
		      int color, int interlace, int filters,
		      const unsigned char *pixels)
{
	png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL,
						  NULL, NULL);
	png_infop info = png_create_info_struct(png);

	f->len = 0;
	cr_assert(setjmp(png_jmpbuf(png)) == 0);
	png_set_write_fn(png, f, add_bytes, NULL);
	png_set_filter(png, PNG_FILTER_TYPE_BASE, filters);
	png_set_compression_window_bits(png, 15);
	png_set_IHDR(png, info, width, height, 8, color, interlace,
		     PNG_COMPRESSION_TYPE_BASE, PNG_FILTER_TYPE_BASE);
	png_write_info(png, info);
	for (int pass = png_set_interlace_handling(png); pass > 0; pass--)
		for (unsigned y = 0; y < height; y++)
			png_write_row(png, pixels + y * width);
	png_write_end(png, info);
	png_destroy_write_struct(&png, &info);
	/* libpng says what window a small picture needs; others do not. */
	f->bytes[PNGPLAIN_HEAD + 8] = 0x78;
	f->bytes[PNGPLAIN_HEAD + 9] = 0x01;
}

static uint32_t get32(const unsigned char *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
	       (uint32_t)at[2] << 8 | at[3];
}

/* Put right the CRC of the chunk at this offset. */
static void mend(struct file *f, size_t at)
{
	uint32_t n = get32(f->bytes + at);
	uint32_t crc = crc_crc32(0, f->bytes + at + 4, n + 4);

	for (unsigned i = 0; i < 4; i++)
		f->bytes[at + 8 + n + i] = (unsigned char)(crc >> (24 - 8 * i));
}

static int decode(const struct file *f, struct pngplain *p, bool sums,
		  unsigned char *rows)
{
	AUTO_FREE unsigned char *packed = malloc(f->len);

	if (f->len < PNGPLAIN_HEAD || !pngplain_begins(f->bytes, MOST, p))
		return -EBADMSG;
	return pngplain_decode(p, f->bytes, f->len, sums, packed, rows);
}

/* Noise, of all numbers and of so few that they are often as far apart. */
static void draw(unsigned char *pixels, size_t n)
{
	struct rng g;

	rng_seed(&g, n);
	for (size_t i = 0; i < n; i++) {
		unsigned noise = rng_u64(&g) & 0xff;

		pixels[i] = (unsigned char)(noise >> (i / 16 % 8));
	}
}

static unsigned char pixels[300 * 300], rows[MOST];
static struct file file;

Test(pngplain, undoes_every_filter_of_every_width)
{
	static const int filters[] = { PNG_FILTER_NONE,	 PNG_FILTER_SUB,
				       PNG_FILTER_UP,	 PNG_FILTER_AVG,
				       PNG_FILTER_PAETH, PNG_ALL_FILTERS };
	static const unsigned widths[] = { 1, 2, 3, 15, 16, 17, 64, 100, 300 };
	struct pngplain p;

	for (size_t i = 0; i < ARRAY_SIZE(filters); i++)
		for (size_t k = 0; k < ARRAY_SIZE(widths); k++) {
			unsigned width = widths[k], height = 1 + 200 / width;

			draw(pixels, (size_t)width * height);
			write_png(&file, width, height, PNG_COLOR_TYPE_GRAY,
				  PNG_INTERLACE_NONE, filters[i], pixels);
			mend(&file, PNGPLAIN_HEAD);
			cr_assert_eq(decode(&file, &p, true, rows), 0,
				     "filter %zu width %u", i, width);
			cr_expect_eq(p.width, width);
			cr_expect_eq(p.height, height);
			for (unsigned y = 0; y < height; y++)
				cr_expect_arr_eq(pngplain_row(&p, rows, y),
						 pixels + y * width, width,
						 "filter %zu width %u row %u",
						 i, width, y);
		}
}

Test(pngplain, leaves_all_that_is_not_plain)
{
	static const struct {
		int color, interlace;
	} kinds[] = {
		{ PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE },
		{ PNG_COLOR_TYPE_GRAY_ALPHA, PNG_INTERLACE_NONE },
		{ PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_ADAM7 },
	};
	struct pngplain p;

	draw(pixels, sizeof(pixels));
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		write_png(&file, 50, 50, kinds[i].color, kinds[i].interlace,
			  PNG_FILTER_NONE, pixels);
		cr_expect_not(pngplain_begins(file.bytes, MOST, &p), "%zu", i);
	}
	write_png(&file, 50, 50, PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
		  PNG_FILTER_NONE, pixels);
	cr_expect(pngplain_begins(file.bytes, 51 * 51, &p));
	cr_expect_not(pngplain_begins(file.bytes, 51 * 51 - 1, &p));
	memset(file.bytes + 16, 0xff, 8); /* width, height */
	cr_expect_not(pngplain_begins(file.bytes, SIZE_MAX, &p));
}

Test(pngplain, takes_nothing_that_is_damaged)
{
	struct pngplain p;

	draw(pixels, 900);
	write_png(&file, 30, 30, PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
		  PNG_ALL_FILTERS, pixels);
	mend(&file, PNGPLAIN_HEAD);
	cr_assert_eq(decode(&file, &p, true, rows), 0);
	for (size_t at = 0; at < file.len; at++) {
		file.bytes[at] ^= 0x10;
		cr_expect_eq(decode(&file, &p, true, rows), -EBADMSG,
			     "byte %zu", at);
		file.bytes[at] ^= 0x10;
	}
	for (size_t len = file.len - 1; len > 0; len--) {
		file.len = len;
		cr_expect_eq(decode(&file, &p, true, rows), -EBADMSG,
			     "cut to %zu", len);
	}
}

/* A stored block makes any byte of a row possible. */
Test(pngplain, takes_no_filter_that_does_not_exist)
{
	static const unsigned char head[] = "\x89PNG\r\n\x1a\n"
					    "\0\0\0\x0dIHDR\0\0\0\x01\0\0\0\x01"
					    "\x08\0\0\0\0....";
	static const unsigned char idat[] = "\0\0\0\x0dIDAT\x78\x01\x01\x02\0"
					    "\xfd\xff.\x07........";
	static const unsigned char iend[] = "\0\0\0\0IEND....";
	struct pngplain p;

	for (unsigned type = 0; type < 7; type++) {
		unsigned char *row = file.bytes + sizeof(head) - 1 + 15;
		unsigned a = 1 + type, b = a; /* Adler-32 */

		memcpy(file.bytes, head, sizeof(head) - 1);
		memcpy(file.bytes + 33, idat, sizeof(idat) - 1);
		memcpy(file.bytes + 33 + 25, iend, sizeof(iend) - 1);
		file.len = 33 + 25 + 12;
		row[0] = (unsigned char)type;
		a += row[1];
		b += a;
		memcpy(row + 2,
		       (unsigned char[]){
			       (unsigned char)(b >> 8), (unsigned char)b,
			       (unsigned char)(a >> 8), (unsigned char)a },
		       4);
		mend(&file, 8);
		mend(&file, 33);
		mend(&file, 33 + 25);
		cr_expect_eq(decode(&file, &p, true, rows),
			     type < 5 ? 0 : -EBADMSG, "type %u", type);
	}
}
