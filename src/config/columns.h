/* The columns of a Parquet file, as MLPerf's DLIO describes them: a list of
 * maps {name, dtype, size, read}. */
#ifndef CONFIG_COLUMNS_H
#define CONFIG_COLUMNS_H

#include "base/util.h"

struct node;

#define COLUMNS_MAX 1024
#define COLUMNS_MAX_NAME 63

struct config_column {
	char name[COLUMNS_MAX_NAME + 1];
	char dtype[16];
	uint64_t size; /* elements; 1: no list */
	bool read;     /* by the trainer */
};

struct config_columns {
	size_t n;
	struct config_column *item;
};

/* -EINVAL (logged, with the place) for what is no such list.  path: the
 * setting's. */
int columns_read(const char *path, const struct node *n,
		 struct config_columns *out) MUST_USE;
int columns_copy(const struct config_columns *from,
		 struct config_columns *to) MUST_USE; /* -ENOMEM */
void columns_free(struct config_columns *c);	      /* what is in it */

/* In one line, as YAML. */
void columns_print(const struct config_columns *c, FILE *out);

/* NULL: no column has that name. */
const struct config_column *columns_find(const struct config_columns *c,
					 const char *name, size_t len);

/* Bytes of a sample, as MLPerf's DLIO counts them: texts and lists have 4 an
 * element. */
double columns_sample_bytes(const struct config_columns *c);

#endif
