#include "train/pyfile.h"

#include "train/source.h"

#include <errno.h>
#include <string.h>

struct pyfile {
	struct source_file *file;
	uint64_t offset; /* the descriptor's */

	/* buf[pos … end) is read and not consumed; the descriptor is where
	 * buf[end] would be. */
	uint8_t *buf;
	size_t pos, end;
	size_t blksize, room; /* room >= blksize */

	uint8_t *scratch;
	size_t scratch_size;
};

/* Where the bytes of one call go: on at out, or to scratch and take(). */
struct sink {
	uint8_t *out;
	pyfile_take *take;
	void *arg;
};

int pyfile_new(size_t scratch, struct pyfile **out)
{
	AUTO_FREE struct pyfile *p = calloc(1, sizeof(*p));

	*out = NULL;
	if (!p)
		return -ENOMEM;
	p->scratch = malloc(scratch);
	if (!p->scratch)
		return -ENOMEM;
	p->scratch_size = scratch;
	*out = TAKE(p);
	return 0;
}

void pyfile_free(struct pyfile *p)
{
	if (!p)
		return;
	free(p->buf);
	free(p->scratch);
	free(p);
}

int pyfile_open(struct pyfile *p, struct source_file *f)
{
	/* io.DEFAULT_BUFFER_SIZE where the system has no opinion. */
	p->blksize = f->blksize > 1 ? f->blksize : 8192;
	if (p->room < p->blksize) {
		free(p->buf);
		p->room = 0;
		p->buf = malloc(p->blksize);
		if (!p->buf)
			return -ENOMEM;
		p->room = p->blksize;
	}
	p->file = f;
	p->offset = p->pos = p->end = 0;
	return 0;
}

static void forget(struct pyfile *p)
{
	p->pos = p->end = 0;
}

void pyfile_seek_end(struct pyfile *p, uint64_t offset)
{
	forget(p);
	p->offset = offset;
}

void pyfile_seek(struct pyfile *p, uint64_t offset)
{
	uint64_t start = p->offset - p->end; /* of the buffer, in the file */

	/* An exhausted buffer is not looked at, as in CPython. */
	if (p->pos < p->end && offset >= start && offset <= p->offset)
		p->pos = offset - start;
	else
		pyfile_seek_end(p, offset);
}

static void give(struct sink *to, const uint8_t *data, size_t n)
{
	if (to->out) {
		memcpy(to->out, data, n);
		to->out += n;
	} else if (to->take) {
		to->take(to->arg, data, n);
	}
}

static size_t give_buffered(struct pyfile *p, struct sink *to, uint64_t n)
{
	size_t part = MIN(n, p->end - p->pos);

	give(to, p->buf + p->pos, part);
	p->pos += part;
	return part;
}

/* A read that does not pass through the buffer. */
static ssize_t read_direct(struct pyfile *p, struct sink *to, uint64_t n)
{
	uint8_t *at = to->out ? to->out : p->scratch;
	ssize_t got;

	if (!to->out)
		n = MIN(n, p->scratch_size);
	got = source_read(p->file, at, n, p->offset);
	if (got <= 0)
		return got;
	p->offset += (uint64_t)got;
	if (to->out)
		to->out += got;
	else
		give(to, at, (size_t)got);
	return got;
}

/* Read into the rest of the buffer. */
static ssize_t fill(struct pyfile *p)
{
	ssize_t got = source_read(p->file, p->buf + p->end, p->blksize - p->end,
				  p->offset);

	if (got > 0) {
		p->end += (size_t)got;
		p->offset += (uint64_t)got;
	}
	return got;
}

/* read() takes whole blocks directly; readinto() all that is more than one. */
static uint64_t direct_part(const struct pyfile *p, uint64_t left, bool into)
{
	if (into)
		return left > p->blksize ? left : 0;
	return left - left % p->blksize;
}

static int64_t transfer(struct pyfile *p, uint64_t n, struct sink *to,
			bool into)
{
	uint64_t left = n - give_buffered(p, to, n);
	ssize_t got = 1;

	if (left)
		forget(p);
	while (got > 0 && direct_part(p, left, into)) {
		got = read_direct(p, to, direct_part(p, left, into));
		if (got > 0)
			left -= (uint64_t)got;
	}
	while (got > 0 && left > 0 && p->end < p->blksize) {
		got = fill(p);
		left -= give_buffered(p, to, left);
	}
	return got < 0 ? got : (int64_t)(n - left);
}

ssize_t pyfile_read(struct pyfile *p, void *out, size_t n)
{
	return transfer(p, n, &(struct sink){ .out = out }, false);
}

ssize_t pyfile_readinto(struct pyfile *p, void *out, size_t n)
{
	return transfer(p, n, &(struct sink){ .out = out }, true);
}

int64_t pyfile_read_past(struct pyfile *p, uint64_t n, pyfile_take *take,
			 void *arg)
{
	return transfer(p, n, &(struct sink){ .take = take, .arg = arg },
			false);
}

int64_t pyfile_readinto_past(struct pyfile *p, uint64_t n, pyfile_take *take,
			     void *arg)
{
	return transfer(p, n, &(struct sink){ .take = take, .arg = arg }, true);
}

ssize_t pyfile_read_all(struct pyfile *p, void *out, size_t n)
{
	struct sink to = { .out = out };
	size_t have = 0;
	ssize_t got;

	/* FileIO.readall() asks for one byte more than fstat() promised, and
	 * goes on until it gets nothing. */
	do {
		got = read_direct(p, &to, n + 1 - have);
		if (got > 0)
			have += (size_t)got;
	} while (got > 0 && have <= n);
	return got < 0 ? got : (ssize_t)have;
}

uint64_t pyfile_offset(const struct pyfile *p)
{
	return p->offset;
}
