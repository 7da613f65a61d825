/* The shapes of a dataset's records: dims that are given, or a square of about
 * record_length elements, the same in all files or with sides drawn for each,
 * which are DLIO's (see dataset.h).
 *
 * For dataset.c only.  Const once made; any thread. */
#ifndef DATA_SHAPES_H
#define DATA_SHAPES_H

#include "data/dataset.h"

struct shapes {
	const struct dtype *dtype;
	uint64_t samples; /* in a file */
	unsigned ndims;
	uint64_t dims[DATASET_MAX_DIMS]; /* unless: */
	bool given;			 /* by record_dims */
	uint32_t (*sides)[2];		 /* by file number, if they vary: */
	double side, side_stdev;	 /* drawn from these */
};

/* Of so many files with so many samples of this type.  -EINVAL (said) for what
 * cannot be; then, too, it is to be cleared. */
int shapes_init(struct shapes *s, const struct dataset_options *o,
		const struct dtype *dtype, uint64_t samples,
		uint64_t files) MUST_USE;
void shapes_clear(struct shapes *s);

/* Are all files alike? */
bool shapes_same(const struct shapes *s);

/* The number of a file that is as large as any. */
uint64_t shapes_largest(const struct shapes *s, uint64_t files);

/* Fill in ndims, dims, record_bytes, samples and dtype of out->number. */
void shapes_of(const struct shapes *s, struct dataset_file *out);

/* What decides them, as " word=value" or " 2x3x4". */
void shapes_describe(const struct shapes *s, FILE *out);

#endif
