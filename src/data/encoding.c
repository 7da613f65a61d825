#include "data/encoding.h"

#include <errno.h>
#include <string.h>

#define ENOUGH 1 /* ends an encoding that has given what was wanted */

struct counting {
	struct format_sink sink;
	struct dataset_sum sum;
};

static int count(struct format_sink *sink, const void *data, size_t len)
{
	struct counting *c = CONTAINER_OF(sink, struct counting, sink);

	c->sum.size += len;
	c->sum.crc = crc_crc32(c->sum.crc, data, len);
	return 0;
}

int encoding_sum(const struct format *t, const struct dataset_file *f,
		 struct dataset_sum *out)
{
	struct counting c = { .sink.take = count };
	int rc = t->encode(f, &c.sink);

	*out = c.sum;
	return rc;
}

/* A range of a file. */
struct cutting {
	struct format_sink sink;
	uint64_t at; /* offset of what comes next */
	uint64_t from, to;
	char *out;
};

static int cut(struct format_sink *sink, const void *data, size_t len)
{
	struct cutting *c = CONTAINER_OF(sink, struct cutting, sink);
	uint64_t from = MAX(c->from, c->at), to = MIN(c->to, c->at + len);

	if (from < to)
		memcpy(c->out + (from - c->from),
		       (const char *)data + (from - c->at), to - from);
	c->at += len;
	return c->at >= c->to ? ENOUGH : 0;
}

ssize_t encoding_range(const struct format *t, const struct dataset_file *f,
		       void *buf, size_t len, uint64_t offset)
{
	struct cutting c = { .sink.take = cut, .from = offset, .out = buf };
	int rc;

	if (__builtin_add_overflow(offset, len, &c.to))
		c.to = UINT64_MAX;
	rc = t->encode(f, &c.sink);
	if (rc < 0)
		return rc;
	c.at = MIN(c.at, c.to);
	return c.at > offset ? (ssize_t)(c.at - offset) : 0;
}

/* All of a file, in memory that grows. */
struct collecting {
	struct format_sink sink;
	unsigned char *bytes;
	size_t len, room;
};

static int collect(struct format_sink *sink, const void *data, size_t len)
{
	struct collecting *c = CONTAINER_OF(sink, struct collecting, sink);

	if (len > c->room - c->len) {
		size_t room = MAX(c->len + len, 2 * c->room);
		unsigned char *bytes = realloc(c->bytes, room);

		if (!bytes)
			return -ENOMEM;
		c->bytes = bytes;
		c->room = room;
	}
	if (len > 0)
		memcpy(c->bytes + c->len, data, len);
	c->len += len;
	return 0;
}

int encoding_collect(const struct format *t, const struct dataset_file *f,
		     unsigned char **bytes, size_t *len)
{
	struct collecting c = { .sink.take = collect };
	int rc = t->encode(f, &c.sink);

	*bytes = NULL;
	if (rc < 0) {
		free(c.bytes);
		return rc;
	}
	*bytes = c.bytes;
	*len = c.len;
	return 0;
}

/* Pieces of any size become full buffers. */
struct filling {
	struct format_sink sink;
	char *buffer;
	size_t len, room;
	dataset_piece_fn fn;
	void *arg;
};

static int fill(struct format_sink *sink, const void *data, size_t len)
{
	struct filling *c = CONTAINER_OF(sink, struct filling, sink);
	const char *from = data;

	while (len > 0) {
		size_t n = MIN(len, c->room - c->len);

		memcpy(c->buffer + c->len, from, n);
		c->len += n;
		from += n;
		len -= n;
		if (c->len == c->room) {
			int rc = c->fn(c->arg, c->buffer, c->len);

			c->len = 0;
			if (rc)
				return rc;
		}
	}
	return 0;
}

int encoding_stream(const struct format *t, const struct dataset_file *f,
		    void *buffer, size_t room, dataset_piece_fn fn, void *arg)
{
	struct filling c = { .sink.take = fill,
			     .buffer = buffer,
			     .room = room,
			     .fn = fn,
			     .arg = arg };
	int rc = t->encode(f, &c.sink);

	if (rc || !c.len)
		return rc;
	return fn(arg, buffer, c.len);
}
