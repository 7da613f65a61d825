/* What chunks of HDF5 go through on their way to the file and back: the bytes
 * that libhdf5's own filters, and h5py's lzf, would give; but outside of
 * libhdf5, where one thread at a time would compress.
 *
 * Pure; any thread. */
#ifndef DATA_HDF5_FILTER_H
#define DATA_HDF5_FILTER_H

#include "data/hdf5_shape.h"

/* The most that a chunk of this length becomes: the room to give. */
size_t hdf5_filter_room(size_t len);

/* Compress a chunk.  The length in out; 0 if it would not get smaller (with
 * gzip: much larger), and is to be stored as it is; -EIO if the filter does
 * not work. */
ssize_t hdf5_filter_compress(const struct hdf5_shape *s, const void *in,
			     size_t len, void *out) MUST_USE;

/* Expand one to exactly len bytes.  Of the shape, filter, dtype, ndims and
 * chunk matter.  -EBADMSG for what the filter never wrote. */
int hdf5_filter_expand(const struct hdf5_shape *s, const void *in, size_t n,
		       void *out, size_t len) MUST_USE;

#endif
