/* Datasets written into a folder, with a list of what they should be, for a
 * script in Python to judge. */
#ifndef TESTS_LIB_WRITTEN_H
#define TESTS_LIB_WRITTEN_H

#include "data/dataset.h"

struct written {
	char *folder; /* scratch.h */
	FILE *list;   /* FOLDER/list */
};

void written_open(struct written *w);
void written_close(struct written *w);

/* A line of the list about a file of that name in the folder. */
typedef void (*written_tell_fn)(FILE *list, const struct dataset_file *f,
				const char *name);

/* All training files of a dataset, in pieces of odd sizes, as a copying program
 * might. */
void written_add(struct written *w, const struct dataset_options *o,
		 written_tell_fn tell);

/* The script is given the folder and has to be content.  Nothing is added
 * after. */
void written_judge(struct written *w, const char *script);

#endif
