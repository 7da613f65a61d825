#include "data/image.h"

#include "base/log.h"
#include "data/format.h"

#include <errno.h>
#include <inttypes.h>

int image_check(const struct dataset_file *f, const char *format,
		uint64_t max_side)
{
	/* DLIO's words, which its tests look for. */
	if (f->ndims > 2)
		return log_invalid("%s format does not support more than 2 "
				   "dimensions, but got %u dimensions.",
				   format, f->ndims);
	if (f->ndims < 2)
		return log_invalid("record_dims: %s needs 2 dimensions, height "
				   "and width",
				   format);
	if (f->dims[0] > max_side || f->dims[1] > max_side)
		return log_invalid("an image of %" PRIu64 " x %" PRIu64
				   ": the sides of a %s are at most %" PRIu64,
				   f->dims[0], f->dims[1], format, max_side);
	return 0;
}

void image_init(struct image *p, const struct dataset_file *f)
{
	struct payload_span span =
		format_random(f, 1, 0, f->dims[0] * f->dims[1]);

	p->height = f->dims[0];
	p->width = f->dims[1];
	draw_init(&p->draw, f->payload, &span);
}

void image_row(struct image *p, unsigned char *row)
{
	draw_pixels(&p->draw, row, p->width);
}
