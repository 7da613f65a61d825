/* Times in an object header of HDF5: when it was made and changed, which makes
 * the same file another each time.  h5py leaves them to the group of all
 * datasets.  (Specification 3.0, IV.A.1.b: version 2.)
 *
 * Pure; any thread. */
#ifndef DATA_HDF5_TIMES_H
#define DATA_HDF5_TIMES_H

#include "base/util.h"

#define HDF5_TIMES 6 /* where they are in a header */
#define HDF5_TIMES_BYTES 16
#define HDF5_TIMES_SUM 4

/* Where the checksum of the header at `at`, of which len bytes are there,
 * begins; 0 if that is no such header, or has no times, or is longer. */
size_t hdf5_times_find(const unsigned char *at, size_t len);

/* Make them 0 and the checksum right; given hdf5_times_find()'s result. */
void hdf5_times_clear(unsigned char *at, size_t sum);

/* Is the checksum right? */
bool hdf5_times_sound(const unsigned char *at, size_t sum);

#endif
