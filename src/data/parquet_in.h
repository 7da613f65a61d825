/* What is in a Parquet file besides values, read: the footer and the headers of
 * pages, ours (parquet.h) or anybody's.  No byte of them is trusted.
 *
 * Functions are pure; any thread. */
#ifndef DATA_PARQUET_IN_H
#define DATA_PARQUET_IN_H

#include "data/parquet.h"

struct parquet_in_leaf {
	const char *name; /* of the column, where the footer is: no '\0' */
	size_t name_len;
	enum parquet_physical physical;
	uint64_t fixed; /* bytes, PARQUET_FIXED */
	unsigned max_def, max_rep;
};

struct parquet_in {
	size_t n_leaves, n_groups;
	struct parquet_in_leaf *leaves;
	struct parquet_chunk *chunks; /* of the first group, of the second … */
	uint64_t *rows;		      /* of each group */
};

/* A footer without length and magic, of a file of this size; it must stay.
 * 0; -ENOMEM; -EBADMSG, and *wrong tells what is. */
int parquet_in_parse(const void *footer, size_t len, uint64_t file_size,
		     struct parquet_in *out, const char **wrong) MUST_USE;
void parquet_in_free(struct parquet_in *f); /* what is in it */

/* The header of a page at the start of len bytes, and its length; 0: there is
 * none. */
size_t parquet_in_page(const void *bytes, size_t len, struct parquet_page *out);

#endif
