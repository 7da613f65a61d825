/* Folders named after a column's values, "colour=7/", as Hive, Spark and
 * pyarrow's write_to_dataset() have them: the column is in the folder's name,
 * and not in the files.  dataset.parquet.partition_by says which.
 *
 * MLPerf's DLIO cuts the rows of each file by their random values and gives the
 * parts random names, which it cannot find when it trains.  Here a file stays
 * one and has one value in all its rows: files go round the values as they go
 * round subfolders.
 *
 * Functions are pure; any thread. */
#ifndef DATA_PARTITION_H
#define DATA_PARTITION_H

#include "config/columns.h"

struct partition {
	char column[COLUMNS_MAX_NAME + 1]; /* "": there is none */
	const struct partition_type *type;
};

/* by: the column; NULL: none.  -EINVAL (said): one that cannot be. */
int partition_init(struct partition *p, const struct config_columns *columns,
		   const char *by) MUST_USE;

/* How many values the column can have. */
uint64_t partition_values(const struct partition *p);

/* The folder of value number i, with a slash.  Its length. */
#define PARTITION_MAX_FOLDER (COLUMNS_MAX_NAME + 32)
int partition_folder(const struct partition *p, uint64_t i,
		     char buf[PARTITION_MAX_FOLDER]);

#endif
