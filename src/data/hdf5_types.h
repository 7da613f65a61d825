/* The types of elements, as h5py stores NumPy's in HDF5. */
#ifndef DATA_HDF5_TYPES_H
#define DATA_HDF5_TYPES_H

#include "data/dtype.h"

#include <hdf5.h>

/* To be closed by the caller.  Negative: libhdf5 failed. */
hid_t hdf5_types_make(const struct dtype *t);

#endif
