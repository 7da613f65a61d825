/* What is where in an HDF5 file as DLIO writes it: datasets records_0,
 * records_1, … of one shape, and labels.  libhdf5 itself makes the file, but
 * without its data: what comes out is what describes the data, byte for byte,
 * and where the data belong.  A file of many GB costs what a small one does.
 *
 * The same shape gives the same layout, on any machine with that version of
 * libhdf5.  All functions may be called from any thread. */
#ifndef DATA_HDF5_LAYOUT_H
#define DATA_HDF5_LAYOUT_H

#include "data/hdf5_shape.h"

/* What became of a chunk in the filter. */
struct hdf5_chunk {
	uint64_t bytes;
	bool plain; /* the filter could not make it smaller: stored as it is */
};

enum hdf5_kind { HDF5_METADATA, HDF5_RECORDS, HDF5_LABELS };

struct hdf5_extent {
	enum hdf5_kind kind;
	uint64_t offset, len;
	unsigned dataset; /* of HDF5_RECORDS */
	uint64_t chunk;	  /* and which: by rows, 0 if there are none */
};

/* The whole file, from front to back. */
struct hdf5_layout {
	uint64_t size;
	size_t n;
	struct hdf5_extent *extents;
	unsigned char *metadata; /* of all extents of this kind, in a row */
	uint64_t metadata_bytes;
};

/* chunks: of every dataset, as all hold the same; NULL where there is no
 * filter.  -EIO: libhdf5 failed, which it does for shapes that cannot be. */
int hdf5_layout_make(const struct hdf5_shape *s,
		     const struct hdf5_chunk *chunks,
		     struct hdf5_layout *out) MUST_USE;
void hdf5_layout_free(struct hdf5_layout *l); /* the contents; NULL is fine */

#endif
