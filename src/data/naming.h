/* The names of a dataset's objects: data files as DLIO names them, and the
 * files beside them.  Objects are numbered data files first; file f's side file
 * number s is object (s + 1) * files + f.
 *
 * For dataset.c only.  Const once made; any thread. */
#ifndef DATA_NAMING_H
#define DATA_NAMING_H

#include "data/format.h"
#include "data/partition.h"

struct naming {
	const struct format *format;
	char *prefix;
	uint64_t files[DATASET_SPLITS];
	uint64_t subfolders[DATASET_SPLITS]; /* 0: none */
	struct partition partition;	     /* what they are named after */
};

/* -EINVAL (said) for what is no name. */
int naming_init(struct naming *n, const struct format *t,
		const struct dataset_options *o) MUST_USE;
void naming_clear(struct naming *n);

uint64_t naming_files(const struct naming *n);
uint64_t naming_first(const struct naming *n, enum dataset_split split);

void naming_name(const struct naming *n, uint64_t object,
		 char buf[DATASET_MAX_NAME]);

/* -ENOENT: none has this name. */
int naming_find(const struct naming *n, const char *name,
		uint64_t *object) MUST_USE;

/* What folders are named after, and files have not; NULL: nothing. */
const char *naming_column(const struct naming *n);

/* The folders that objects are in, as "train/07/". */
uint64_t naming_folders(const struct naming *n);
void naming_folder(const struct naming *n, uint64_t folder,
		   char buf[DATASET_MAX_NAME]);

#endif
