/* A configuration, its dataset, and all files of that in a fake source: for
 * tests of what reads datasets. */
#ifndef TESTS_LIB_FAKE_DATASET_H
#define TESTS_LIB_FAKE_DATASET_H

#include "config/config.h"
#include "data/dataset.h"
#include "lib/fake_source.h"

struct fake_dataset {
	struct config *config;
	struct dataset *dataset;
	struct fake_source *source;
};

/* Overrides in DLIO's grammar, separated by blanks; on top of small npz files.
 * What fails ends the test. */
void fake_dataset_open(struct fake_dataset *f, const char *overrides);
void fake_dataset_close(struct fake_dataset *f);

#endif
