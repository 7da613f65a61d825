/* Where in an HDF5 file a sample of DLIO's is.
 *
 * libhdf5 finds it, any way that HDF5 has of storing it; but libhdf5 runs one
 * thread at a time, and must not wait for storage meanwhile.  So it never
 * reads: where it would, it is told to fail, the caller reads those bytes, and
 * libhdf5 tries again.  The reads are the same, in the same order, as if it had
 * read by itself.
 *
 * Most files of a dataset differ from each other in nothing but their numbers.
 * If a file begins to read like the one before, its reads follow that one's,
 * and as long as they give the same bytes libhdf5 is not asked at all.
 *
 * A struct hdf5_reading belongs to one thread. */
#ifndef DATA_HDF5_READING_H
#define DATA_HDF5_READING_H

#include "data/hdf5_shape.h"

struct hdf5_reading;

int hdf5_reading_new(struct hdf5_reading **out) MUST_USE;
void hdf5_reading_free(struct hdf5_reading *r); /* NULL is fine */

/* Begin with a file of this size, and be done with it. */
void hdf5_reading_open(struct hdf5_reading *r, uint64_t size);
void hdf5_reading_close(struct hdf5_reading *r);

/* Keep of the file what was read, but nothing of libhdf5's, which takes 0.5 MB.
 * More samples may be looked for. */
void hdf5_reading_rest(struct hdf5_reading *r);

/* A range of the file that has to be read. */
struct hdf5_read {
	uint64_t offset;
	size_t len;
	void *to;
};

/* A piece of a sample: it itself, or a chunk that it is in. */
struct hdf5_part {
	uint64_t offset, len;
	bool plain; /* has not been through the filter */
};

struct hdf5_sample {
	struct hdf5_shape shape; /* filter, dtype's size, chunk */
	size_t n;
	const struct hdf5_part *parts; /* until the next call */
	uint64_t part_bytes;	       /* of each, when expanded */
};

/* Find the sample of a dataset, in the order of the datasets' numbers.
 * 1: read *want and call again, with the same arguments.  0: *out is it.
 * -EBADMSG: it is not there, or not readable; see hdf5_reading_wrong(). */
int hdf5_reading_find(struct hdf5_reading *r, unsigned dataset, uint64_t sample,
		      struct hdf5_read *want, struct hdf5_sample *out) MUST_USE;

/* "has no dataset records_1" */
const char *hdf5_reading_wrong(const struct hdf5_reading *r);

#endif
