/* The shape of DLIO's HDF5 files: datasets records_0, records_1, … of the same
 * dims, samples first, and labels; each in one piece or in chunks.
 *
 * Pure; any thread. */
#ifndef DATA_HDF5_SHAPE_H
#define DATA_HDF5_SHAPE_H

#include "data/dataset.h"

enum hdf5_filter {
	HDF5_NO_FILTER,
	HDF5_GZIP,
	HDF5_LZF,
	HDF5_SZIP,
};

/* h5py's number for it, registered with the HDF Group; the others are HDF5's
 * own. */
#define HDF5_LZF_ID 32000

struct hdf5_shape {
	const struct dtype *dtype;
	unsigned datasets; /* beside the labels */
	unsigned ndims;
	uint64_t dims[NPY_MAX_DIMS]; /* of a dataset */
	uint64_t labels;	     /* how many: 8 bytes each */

	/* chunk[0] is 0: a dataset is one piece.  Else it is stored in chunks
	 * of this shape, each through the filter, and may grow. */
	uint64_t chunk[NPY_MAX_DIMS];
	uint64_t max[NPY_MAX_DIMS];
	enum hdf5_filter filter;
	unsigned level; /* of HDF5_GZIP */
};

/* Are files of this layout in chunks? */
bool hdf5_shape_chunked(const struct dataset_layout *l);

/* -EINVAL for what cannot be, with the setting to change. */
int hdf5_shape_check(const struct dataset_file *f) MUST_USE;

/* Of a file of a dataset whose first has been checked.  If sizes vary and a
 * configured chunk, or the largest shape, does not suit this file's, the
 * nearest that does is taken. */
void hdf5_shape_of(const struct dataset_file *f, struct hdf5_shape *s);

/* The chunks that h5py takes for this dataset if nobody says. */
void hdf5_shape_guess_chunk(struct hdf5_shape *s);

/* Bytes of a dataset in one piece, or of a chunk before the filter. */
uint64_t hdf5_shape_bytes(const struct hdf5_shape *s);

/* How many chunks cover a dataset; 0 if it is in one piece. */
uint64_t hdf5_shape_chunks(const struct hdf5_shape *s);

/* The element that chunk number i begins with; the last index goes first. */
void hdf5_shape_chunk_start(const struct hdf5_shape *s, uint64_t i,
			    uint64_t start[NPY_MAX_DIMS]);

#endif
