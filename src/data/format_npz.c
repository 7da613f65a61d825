/* numpy.savez(x=…, y=…): a ZIP archive of two stored members, the array of all
 * samples and their labels, which are zeros. */
#include "data/format.h"
#include "data/zipout.h"

#include <string.h>

/* The pieces of the plan. */
enum { X_HEADERS, X_NUMBERS, Y_HEADERS, Y_NUMBERS, DIRECTORY, PIECES };

#define LABEL_BYTES 8

struct archive {
	struct zipout_member x, y; /* their CRCs are not known yet */
	char x_npy[NPY_MAX_HEADER], y_npy[NPY_MAX_HEADER];
	size_t x_npy_len, y_npy_len;
	uint64_t directory; /* its offset */
	struct format_plan plan;
};

static size_t directory_len(const struct archive *a)
{
	size_t headers = zipout_central_header(&a->x, NULL) +
			 zipout_central_header(&a->y, NULL);

	return headers + zipout_end(2, a->directory, headers, NULL);
}

static void describe(const struct dataset_file *f, struct archive *a)
{
	struct npy labels = { "<i8", false, 1, { f->samples } };
	struct format_piece *piece;

	a->x_npy_len = format_npy_header(f, a->x_npy);
	a->y_npy_len = npy_write(&labels, a->y_npy);
	a->x = (struct zipout_member){ .name = "x.npy" };
	a->y = (struct zipout_member){ .name = "y.npy" };

	a->plan = (struct format_plan){ .copies = 1, .n = PIECES };
	piece = a->plan.pieces;
	piece[X_HEADERS].kind = FORMAT_LITERAL;
	piece[X_HEADERS].len = zipout_local_header(&a->x, NULL) + a->x_npy_len;
	piece[X_NUMBERS].kind = FORMAT_PAYLOAD;
	piece[X_NUMBERS].len = f->record_bytes * f->samples;
	piece[Y_HEADERS].kind = FORMAT_LITERAL;
	piece[Y_HEADERS].len = zipout_local_header(&a->y, NULL) + a->y_npy_len;
	piece[Y_NUMBERS].kind = FORMAT_ZEROS;
	piece[Y_NUMBERS].len = f->samples * LABEL_BYTES;

	a->x.size = a->x_npy_len + piece[X_NUMBERS].len;
	a->y.size = a->y_npy_len + piece[Y_NUMBERS].len;
	a->y.offset = piece[X_HEADERS].len + piece[X_NUMBERS].len;
	a->directory =
		a->y.offset + piece[Y_HEADERS].len + piece[Y_NUMBERS].len;
	piece[DIRECTORY].kind = FORMAT_LITERAL;
	piece[DIRECTORY].len = directory_len(a);
}

static int npz_plan(const struct dataset_file *f, struct format_plan *out)
{
	struct archive a;

	describe(f, &a);
	*out = a.plan;
	return 0;
}

static uint32_t x_crc32(const struct dataset_file *f, const struct archive *a)
{
	struct payload_span numbers = format_span(f, &a->plan, 0, X_NUMBERS);

	return crc_crc32_join(crc_crc32(0, a->x_npy, a->x_npy_len),
			      payload_crc32(f->payload, &numbers), numbers.len);
}

static uint32_t y_crc32(const struct archive *a)
{
	uint64_t len = a->plan.pieces[Y_NUMBERS].len;

	return crc_crc32_join(crc_crc32(0, a->y_npy, a->y_npy_len),
			      crc_zeros(len), len);
}

static int npz_literal(const struct dataset_file *f, uint64_t copy,
		       unsigned piece, unsigned char *buf)
{
	struct archive a;
	size_t len;

	(void)copy; /* there is one */
	describe(f, &a);
	switch (piece) {
	case X_HEADERS:
		a.x.crc = x_crc32(f, &a);
		len = zipout_local_header(&a.x, buf);
		memcpy(buf + len, a.x_npy, a.x_npy_len);
		break;
	case Y_HEADERS:
		a.y.crc = y_crc32(&a);
		len = zipout_local_header(&a.y, buf);
		memcpy(buf + len, a.y_npy, a.y_npy_len);
		break;
	case DIRECTORY:
		a.x.crc = x_crc32(f, &a);
		a.y.crc = y_crc32(&a);
		len = zipout_central_header(&a.x, buf);
		len += zipout_central_header(&a.y, buf + len);
		zipout_end(2, a.directory, len, buf + len);
		break;
	}
	return 0;
}

const struct format format_npz = {
	.name = "npz",
	.plan = npz_plan,
	.literal = npz_literal,
};
