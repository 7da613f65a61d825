/* A reader, and the one file "f" that it reads, in a fake source. */
#ifndef TESTS_LIB_ONE_FILE_H
#define TESTS_LIB_ONE_FILE_H

#include "lib/fake_source.h"
#include "train/reader.h"

struct one_file {
	struct fake_source *fake;
	struct reader *r;
	uint8_t *bytes; /* as they should be */
	size_t len;
	uint32_t crc;		 /* of them */
	struct reader_file file; /* sample 0, the CRC known */
	struct reader_cost cost; /* of the last read */
	atomic_bool stop;	 /* the reader's */
};

/* Takes the bytes.  The set-up lacks only the source and stop. */
void one_file_open(struct one_file *o, struct reader_setup setup,
		   uint32_t blksize, uint8_t *bytes, size_t len);
void one_file_close(struct one_file *o);

int one_file_read(struct one_file *o);

/* The source has forgotten what was done with it, and this is in the file. */
void one_file_put(struct one_file *o, const void *bytes, size_t len);

#endif
