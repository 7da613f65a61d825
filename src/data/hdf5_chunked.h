/* Files of HDF5 whose datasets are in chunks, compressed or not.
 *
 * A compressed file is made in memory, as its chunks' lengths decide what
 * describes them, which comes first: it takes what one dataset of the file
 * does, compressed.  Any thread. */
#ifndef DATA_HDF5_CHUNKED_H
#define DATA_HDF5_CHUNKED_H

#include "data/format.h"

int hdf5_chunked_encode(const struct dataset_file *f, struct format_sink *out);

/* Does libhdf5 take datasets like these?  -EINVAL, and says what it does not. */
int hdf5_chunked_check(const struct dataset_file *f) MUST_USE;

#endif
