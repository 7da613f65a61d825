#include "backends/blockwriter.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* Whole blocks, from aligned memory. */
static int write_blocks(struct blockwriter *w, const char *buf, size_t len)
{
	size_t done = 0;
	ssize_t put;

	while (done < len) {
		put = pwrite(w->fd, buf + done, len - done,
			     (off_t)(w->written + done));
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -errno;
		/* Go on from where the next block begins. */
		put = (ssize_t)round_down((uint64_t)put, w->align.file);
		if (put == 0)
			return -EIO;
		done += (size_t)put;
	}
	w->written += len;
	return 0;
}

static int empty_buffer(struct blockwriter *w)
{
	size_t len = w->filled;

	w->filled = 0;
	return write_blocks(w, w->buffer, len);
}

/* What can go to the disk from the caller's own memory. */
static size_t straight(const struct blockwriter *w, const void *buf, size_t len)
{
	if (w->filled > 0 || len < ALIGNMENT_COPIED ||
	    (uintptr_t)buf % w->align.mem != 0)
		return 0;
	return (size_t)round_down(len, w->align.file);
}

int blockwriter_append(struct blockwriter *w, const void *buf, size_t len)
{
	const char *from = buf;
	size_t n;
	int rc = 0;

	while (rc == 0 && len > 0) {
		n = straight(w, from, len);
		if (n > 0) {
			rc = write_blocks(w, from, n);
		} else {
			n = MIN(len, w->size - w->filled);
			memcpy(w->buffer + w->filled, from, n);
			w->filled += n;
			if (w->filled == w->size)
				rc = empty_buffer(w);
		}
		from += n;
		len -= n;
	}
	return rc;
}

/* The last block is written whole, and then the file cut to its size. */
int blockwriter_end(struct blockwriter *w)
{
	size_t padded = (size_t)round_up(w->filled, w->align.file);
	uint64_t size = w->written + w->filled;
	int rc;

	memset(w->buffer + w->filled, 0, padded - w->filled);
	w->filled = padded;
	rc = empty_buffer(w);
	if (rc)
		return rc;
	if (w->written != size && ftruncate(w->fd, (off_t)size) < 0)
		return -errno;
	return 0;
}
