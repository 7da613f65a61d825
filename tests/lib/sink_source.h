/* A source that takes what is written, counts and checksums it, and keeps
 * nothing: for checkpoints larger than the machine.  One thread. */
#ifndef TESTS_LIB_SINK_SOURCE_H
#define TESTS_LIB_SINK_SOURCE_H

#include "train/source.h"

struct sink_source {
	struct source base;
	uint64_t files, bytes; /* committed */
	uint64_t largest_append;
	uint32_t crc; /* CRC-32 of all files, one after the other */
};

void sink_source_init(struct sink_source *s); /* there is nothing to free */

#endif
