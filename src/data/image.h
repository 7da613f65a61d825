/* What the formats of images have in common: one 8-bit grey image of noise
 * a file, as DLIO makes them with Pillow. */
#ifndef DATA_IMAGE_H
#define DATA_IMAGE_H

#include "data/draw.h"

struct dataset_file;

/* Can a file be an image of this format, whose sides are at most max_side?
 * -EINVAL, logged: no. */
int image_check(const struct dataset_file *f, const char *format,
		uint64_t max_side) MUST_USE;

/* Rows from the top. */
struct image {
	size_t width, height;
	struct draw draw;
};

void image_init(struct image *p, const struct dataset_file *f);
void image_row(struct image *p, unsigned char *row);

#endif
