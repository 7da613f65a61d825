/* The numbers of a CSV file, parsed and forgotten: what pandas.read_csv() does,
 * but for keeping them.
 *
 * A struct csvparse belongs to one thread. */
#ifndef TRAIN_CSVPARSE_H
#define TRAIN_CSVPARSE_H

#include "base/util.h"

#define CSVPARSE_MAX_FIELD 63

struct csvparse {
	uint64_t rows, columns; /* so far; columns of the first row */
	double sum;		/* of all numbers, so that they matter */

	/* The parser's. */
	uint64_t column;
	size_t len;
	char field[CSVPARSE_MAX_FIELD + 1];
};

void csvparse_init(struct csvparse *p);

/* The next bytes; then the end.  NULL, or what is wrong with row rows + 1:
 * "is no number", "is shorter than the first". */
const char *csvparse_add(struct csvparse *p, const void *data,
			 size_t len) MUST_USE;
const char *csvparse_end(struct csvparse *p) MUST_USE;

#endif
