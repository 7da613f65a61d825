/* What is where in an HDF5 file as DLIO writes it: datasets records_0,
 * records_1, … of one shape, and labels.  libhdf5 itself makes the file, but
 * without its data: what comes out is what describes the data, byte for byte,
 * and where the data belong.  A file of many GB costs what a small one does.
 *
 * The same shape gives the same layout, on any machine with that version of
 * libhdf5.  All functions may be called from any thread. */
#ifndef DATA_HDF5_LAYOUT_H
#define DATA_HDF5_LAYOUT_H

#include "data/dtype.h"
#include "data/npy.h"

enum hdf5_filter {
	HDF5_NO_FILTER,
	HDF5_GZIP,
	HDF5_LZF,
	HDF5_SZIP,
};

struct hdf5_shape {
	const struct dtype *dtype;
	unsigned datasets; /* beside the labels */
	unsigned ndims;
	uint64_t dims[NPY_MAX_DIMS]; /* of a dataset: samples come first */
	uint64_t labels;	     /* how many: 8 bytes each */

	/* chunk[0] is 0: a dataset is one piece.  Else it is stored in chunks
	 * of this shape, each through the filter, and may grow. */
	uint64_t chunk[NPY_MAX_DIMS];
	uint64_t max[NPY_MAX_DIMS];
	enum hdf5_filter filter;
	unsigned level; /* of HDF5_GZIP */
};

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

/* How many chunks cover a dataset: 0 if it is one piece. */
uint64_t hdf5_layout_chunks(const struct hdf5_shape *s);

/* Bytes of a dataset in one piece, or of a chunk as it is before the filter. */
uint64_t hdf5_layout_record_bytes(const struct hdf5_shape *s);

/* chunks: of every dataset, as all hold the same; NULL where there is no
 * filter.  -EIO: libhdf5 failed, which it does for shapes that cannot be. */
int hdf5_layout_make(const struct hdf5_shape *s,
		     const struct hdf5_chunk *chunks,
		     struct hdf5_layout *out) MUST_USE;
void hdf5_layout_free(struct hdf5_layout *l); /* the contents; NULL is fine */

#endif
