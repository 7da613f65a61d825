/* A source in memory that writes down what is done to it, and fails when told
 * to.  For tests of everything that reads or writes through a source.
 *
 * Files are put in before the reading starts.  Any number of threads may read;
 * created files appear under their name at commit, as in a store. */
#ifndef TESTS_LIB_FAKE_SOURCE_H
#define TESTS_LIB_FAKE_SOURCE_H

#include "train/source.h"

enum fake_op {
	FAKE_OPEN,
	FAKE_READ,
	FAKE_CLOSE,
	FAKE_CREATE,
	FAKE_APPEND,
	FAKE_COMMIT,
	FAKE_DISCARD, /* closed, and not committed */
	FAKE_DROP,
	FAKE_OPS
};

struct fake_event {
	enum fake_op op;
	unsigned flags;
	uint64_t offset, len;
	int64_t result;
	char name[128];
};

struct fake_source;

/* blksize: what the files report. */
struct fake_source *fake_source_new(uint32_t blksize);
struct source *fake_source(struct fake_source *s); /* freed by source_free() */

/* Add or replace a file; the bytes are copied. */
void fake_source_put(struct fake_source *s, const char *name, const void *data,
		     size_t len);

/* The bytes of a file, NULL if there is none.  Good until it is replaced. */
const uint8_t *fake_source_get(struct fake_source *s, const char *name,
			       size_t *len);

/* The operations of this kind from now on: after `after` more that succeed, one
 * fails with rc (negative), or, for reads with rc >= 0, is cut to rc bytes. */
void fake_source_fail(struct fake_source *s, enum fake_op op, unsigned after,
		      int rc);

/* Every read takes this long. */
void fake_source_delay(struct fake_source *s, uint64_t read_ns);

/* The events so far, in order; forget them. */
const struct fake_event *fake_source_events(struct fake_source *s, size_t *n);
void fake_source_forget(struct fake_source *s);
size_t fake_source_count_of(struct fake_source *s, enum fake_op op);

/* Files open at this moment: 0 when everybody has cleaned up. */
unsigned fake_source_open_files(struct fake_source *s);

#endif
