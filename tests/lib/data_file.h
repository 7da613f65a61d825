/* One file of a dataset, as it would be generated. */
#ifndef TESTS_LIB_DATA_FILE_H
#define TESTS_LIB_DATA_FILE_H

#include "data/dataset.h"

/* The options a test cares for; the rest is filled in.  The first file of the
 * dataset; what fails ends the test.  The caller frees it. */
uint8_t *data_file(struct dataset_options o, size_t *len);

#endif
