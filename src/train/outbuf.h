/* The buffer between who writes a file piece by piece and the system: CPython's
 * io.BufferedWriter, and TensorFlow's buffer for checkpoints.  What fits is
 * kept; what does not has the buffer written before it; what is larger than the
 * buffer goes past it to its last byte.
 *
 * One thread.  Functions return 0 or the source's error. */
#ifndef TRAIN_OUTBUF_H
#define TRAIN_OUTBUF_H

#include "base/util.h"

struct source_file;

struct outbuf {
	struct source_file *file;
	uint8_t *buf;
	size_t size, used;
	bool past; /* what comes is a part of more than the buffer takes */
};

/* file stays the caller's.  -ENOMEM. */
int outbuf_open(struct outbuf *o, struct source_file *file,
		size_t size) MUST_USE;
void outbuf_close(struct outbuf *o); /* zeroed is fine; flushes nothing */

int outbuf_write(struct outbuf *o, const void *data, size_t len) MUST_USE;
int outbuf_flush(struct outbuf *o) MUST_USE;

/* So many bytes follow, in pieces, that are one write of the program; and they
 * have all been written. */
void outbuf_begin(struct outbuf *o, uint64_t bytes);
void outbuf_end(struct outbuf *o);

#endif
