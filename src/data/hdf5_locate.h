/* Ask libhdf5 where in a file a sample is.  Any call may fail because the
 * device did; it may be made again then.
 *
 * A struct hdf5_locate belongs to one thread. */
#ifndef DATA_HDF5_LOCATE_H
#define DATA_HDF5_LOCATE_H

#include "data/hdf5_driver.h"
#include "data/hdf5_reading.h"

struct hdf5_locate;

/* A dataset in one piece. */
struct hdf5_whole {
	uint64_t offset, sample_bytes, samples;
};

/* Room for the chunks of a sample; the caller frees `part`. */
struct hdf5_parts {
	struct hdf5_part *part;
	size_t n, room;
};

#define HDF5_LOCATE_WRONG 128

/* -EBADMSG, and into wrong what is: "is no HDF5 file". */
int hdf5_locate_open(struct hdf5_device *d, struct hdf5_locate **out,
		     char wrong[HDF5_LOCATE_WRONG]) MUST_USE;
void hdf5_locate_close(struct hdf5_locate *l); /* NULL is fine */

/* HDF5_LOCATE_WHOLE: the dataset is in one piece, *whole.  HDF5_LOCATE_CHUNKS:
 * the sample is in *out, with its parts in *parts.  -EBADMSG as above. */
enum { HDF5_LOCATE_WHOLE = 1, HDF5_LOCATE_CHUNKS };
int hdf5_locate_find(struct hdf5_locate *l, unsigned dataset, uint64_t sample,
		     struct hdf5_whole *whole, struct hdf5_parts *parts,
		     struct hdf5_sample *out,
		     char wrong[HDF5_LOCATE_WRONG]) MUST_USE;

#endif
