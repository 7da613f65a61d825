/* What dataset.c and dataset_new.c share. */
#ifndef DATA_DATASET_INNER_H
#define DATA_DATASET_INNER_H

#include "data/dataset.h"
#include "data/encoded.h"
#include "data/naming.h"
#include "data/shapes.h"

#define DATASET_MAX_PARTS (1 + FORMAT_MAX_SIDES)

struct dataset {
	const struct format *format;
	struct naming naming;
	struct dataset_layout layout;
	char *compression; /* layout's */
	struct shapes shapes;
	struct payload payload;
	double compress_ratio, dedupe_ratio;
	void *prepared; /* the format's own */

	/* Sizes of file 0 and its sides, and so of all, if they are all alike;
	 * else 0. */
	uint64_t size[DATASET_MAX_PARTS];
	struct encoded *encoded; /* NULL: there is nothing to remember */
};

/* What makes number part of a file's objects: 0 is the file. */
const struct format *dataset_format(const struct dataset *d, uint64_t part);

#endif
