/* What the readers of indexed_binary and mmap_indexed_binary share: where each
 * sample of a file is, by the two index files beside it.  For reader_*.c only. */
#ifndef TRAIN_READER_INDEX_H
#define TRAIN_READER_INDEX_H

#include "train/reader_format.h"
#include "train/shelf.h"

#include <endian.h>

#define READER_INDEX_OFFSETS ".off.idx"
#define READER_INDEX_SIZES ".sz.idx"

struct reader_map {
	const void *data; /* NULL: none */
	uint64_t len;
};

/* Of one data file.  Numbers are little-endian, as they were read. */
struct reader_index {
	struct shelf_thing thing;

	/* Read: NULL where samples of `size` bytes follow each other, as
	 * nearly always.  A copy for each worker of a million numbers each
	 * would be all the memory that the workers take. */
	uint64_t *offsets, *sizes;
	uint64_t size;

	struct source_file *open; /* or NULL */
	bool ready;		  /* all of it is here */

	/* Mapped. */
	struct reader_map offset_map, size_map, data_map;
	uint64_t at_hand; /* page of the indexes + 1 */
};

/* Open the file that is being read, or the one beside it with this suffix.
 * Says what is wrong as reader_read() does. */
int reader_index_open(struct reader *r, const char *suffix,
		      struct source_file **out) MUST_USE;

/* Close the data file if it is open. */
void reader_index_close(struct reader_index *x);

bool reader_index_is_regular(const uint64_t *offsets, const uint64_t *sizes,
			     uint64_t samples);

/* Where r->file's sample is in a data file of `room` bytes: in there for sure,
 * and, checking, as long as it should be. */
int reader_index_sample(struct reader *r, const struct reader_index *x,
			uint64_t room, uint64_t *offset, uint64_t *size);

#endif
