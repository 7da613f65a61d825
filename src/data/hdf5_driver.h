/* A file for libhdf5 that is two functions of ours: libhdf5 decides what is
 * where, and we where it comes from and goes to.
 *
 * libhdf5 runs one thread at a time, by a lock of its own: call it for what is
 * short, and never let a device wait. */
#ifndef DATA_HDF5_DRIVER_H
#define DATA_HDF5_DRIVER_H

#include "base/util.h"

#include <hdf5.h>

struct hdf5_device {
	/* All len bytes from offset on.  0, or a negative errno, which makes
	 * the call into libhdf5 fail. */
	int (*read)(struct hdf5_device *d, void *buf, size_t len,
		    uint64_t offset);

	/* NULL: the file cannot be written.  raw: these bytes are elements of
	 * datasets, not what describes them. */
	int (*write)(struct hdf5_device *d, const void *buf, size_t len,
		     uint64_t offset, bool raw);

	uint64_t size; /* of the file; writing moves it */

	/* Elements are not read: only where the last ones were is noted, and
	 * what libhdf5 gives for them is undefined. */
	bool note_only;
	uint64_t noted;
};

/* Make a property list for H5Fopen() and H5Fcreate(), whose file is then this
 * device under any name.  The caller closes it; the device stays the caller's
 * and must outlive the file.  Negative: libhdf5 failed. */
hid_t hdf5_driver_access(struct hdf5_device *d);

#endif
