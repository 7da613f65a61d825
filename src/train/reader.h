/* Reads one sample the way the framework's reader would: the same opens, reads
 * and closes reach the storage (dlio.md 8, and tests with traces of the real
 * ones), and nothing is kept but what the check of the data needs.
 *
 * A reader belongs to one thread and reuses its buffers from file to file. */
#ifndef TRAIN_READER_H
#define TRAIN_READER_H

#include "base/util.h"

#include <stdatomic.h>

struct config_columns;
struct reader;
struct source;

struct reader_setup {
	struct source *source;	 /* stays the caller's */
	const atomic_bool *stop; /* give up between reads; NULL: never */
	const char *format;	 /* dataset.format */
	bool direct;		 /* reader.odirect */

	/* Compare sizes and checksums with what was generated.  NPZ and PNG
	 * bring CRC-32 of their own; for the others there must be one in struct
	 * reader_file.  What has to be decoded is, either way. */
	bool check;

	uint64_t samples;	/* in each file */
	unsigned datasets;	/* of hdf5 that a sample is in; 0 is 1 */
	uint64_t transfer_size; /* of tfrecord's reads; 0: TensorFlow's */
	unsigned keep_open;	/* files: 0, 1 or all; what kept says below */
	bool touch;		/* mapped samples; DLIO does not */

	/* Of parquet: which are read.  NULL: all are. */
	const struct config_columns *columns;
};

struct reader_file {
	const char *name;
	uint64_t sample;     /* the number in its file of the one wanted */
	uint64_t size;	     /* as generated; READER_ANY_SIZE: unknown */
	const uint32_t *crc; /* CRC-32 of the whole file; NULL: unknown */

	/* DLIO has it open still, from another sample: what opening it read
	 * is not read again.  For a format that is read as a whole when it is
	 * opened, that is everything. */
	bool kept;
};
#define READER_ANY_SIZE UINT64_MAX

/* What a sample cost. */
struct reader_cost {
	uint64_t bytes;	   /* what was read for it: often the file's size */
	uint64_t read_ns;  /* all of it, open to close, … */
	uint64_t check_ns; /* … of which decoding and checking took this */
};

/* Is there a reader for this format? */
bool reader_can_read(const char *format);

/* What tells a reader that bytes are wrong, beyond the sizes that all check. */
enum reader_proof {
	READER_PROOF_OWN,  /* files bring their checksums */
	READER_PROOF_FILE, /* CRC-32 of the whole file, if it is given */
	READER_PROOF_NONE, /* it never has a whole file */
};
enum reader_proof reader_proof(const char *format);

/* Are all bytes of a file read, so that fetching it ahead is of use? */
bool reader_takes_files(const char *format);

/* Does it want to be told beforehand which files it will read? */
bool reader_expects(const struct reader *r);

/* This file will be read, by its name: a reader of indexes reads them now.
 * Fails as reader_read().  To be called before the first sample, for all. */
int reader_expect(struct reader *r, const char *name,
		  struct reader_cost *cost) MUST_USE;

/* -EINVAL (logged) for a format that cannot be read. */
int reader_new(const struct reader_setup *setup, struct reader **out) MUST_USE;
void reader_free(struct reader *r); /* NULL is fine */

/* -EBADMSG for bytes that are not what they should be, -ECANCELED (*stop), else
 * what the source said.  Logs nothing: many readers may meet the same trouble at once. */
int reader_read(struct reader *r, const struct reader_file *file,
		struct reader_cost *cost) MUST_USE;

/* What went wrong in the last reader_read(), for people: names the file and the
 * offset. */
const char *reader_fault(const struct reader *r);

#endif
