/* Writes a file in whole blocks from aligned memory, as O_DIRECT wants it, of
 * whatever is appended.  What is aligned already, and much, goes straight from
 * the caller's memory; the rest is copied and waits until the buffer is full.
 *
 * One thread at a time.  0, or the system's error: what the file holds then is
 * not known. */
#ifndef BACKENDS_BLOCKWRITER_H
#define BACKENDS_BLOCKWRITER_H

#include "backends/alignment.h"

/* All the caller's; the first four to be filled in, the others zero. */
struct blockwriter {
	int fd; /* of an empty file */
	struct alignment align;
	char *buffer; /* aligned */
	size_t size;  /* of it, in bytes: a multiple of the alignment */

	size_t filled;	  /* bytes not yet in the file */
	uint64_t written; /* bytes that are: whole blocks */
};

int blockwriter_append(struct blockwriter *w, const void *buf,
		       size_t len) MUST_USE;

/* Nothing follows: write the last block, and cut the file to its size. */
int blockwriter_end(struct blockwriter *w) MUST_USE;

#endif
