/* TFRecordDataset: records one after the other, through a buffer of
 * transfer_size bytes that is filled by whole reads (tensorflow/core/lib/io:
 * record_reader.cc, buffered_inputstream.cc, random_inputstream.cc).  Both
 * CRC-32Cs of a record are verified, as TensorFlow does.
 *
 * The file stays open from sample to sample.  A sample further on is reached by
 * reading what is before it, one further back by opening the file again: there
 * is no other way without an index. */
#include "train/reader_format.h"

#include "base/clock.h"
#include "base/crc.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#define HEAD_BYTES 12
#define CRC_BYTES 4
#define STANDARD_BUFFER ((uint64_t)256 * KIB)

struct reader_stream {
	char name[READER_NAME_SIZE];
	struct source_file *file; /* NULL: none is open */
	uint64_t next;		  /* sample */
	uint64_t offset;	  /* of what comes into the buffer next */
	bool ended;		  /* the file has no more for it */

	/* Unread bytes of the buffer. */
	uint8_t *buffer;
	size_t room, from, to;
};

/* What is to be done with bytes that go by. */
struct passing {
	struct reader *r;
	uint8_t *out; /* copied there, unless NULL */
	uint32_t crc;
	bool sum;
};

static void close_stream(struct reader_stream *s)
{
	source_close(s->file);
	s->file = NULL;
}

void reader_tfrecord_forget(struct reader *r)
{
	if (!r->stream)
		return;
	close_stream(r->stream);
	free(r->stream->buffer);
	free(r->stream);
	r->stream = NULL;
}

static int make_stream(struct reader *r)
{
	uint64_t room = r->transfer_size ? r->transfer_size : STANDARD_BUFFER;

	r->stream = calloc(1, sizeof(*r->stream));
	if (!r->stream)
		return reader_failed(r, -ENOMEM, 0);
	r->stream->room = room;
	r->stream->buffer = malloc(room);
	return r->stream->buffer ? 0 : reader_failed(r, -ENOMEM, 0);
}

static int open_stream(struct reader *r)
{
	struct reader_stream *s = r->stream;
	size_t len = strlen(r->file->name);

	close_stream(s);
	if (len >= sizeof(s->name))
		return reader_cannot_open(r, r->file->name, -ENAMETOOLONG);
	memcpy(s->name, r->file->name, len + 1);
	s->next = s->offset = s->from = s->to = 0;
	s->ended = false;
	return reader_open(r, s->name, true, &s->file);
}

/* One read of TensorFlow's, which loops until it has all or there is no more:
 * so a short read is followed by an empty one. */
static int fill(struct reader *r)
{
	struct reader_stream *s = r->stream;
	ssize_t got = 0;

	s->from = s->to = 0;
	if (!s->ended)
		got = source_read_all(s->file, s->buffer, s->room, s->offset);
	if (got < 0)
		return reader_failed(r, got, s->offset);
	s->ended = (size_t)got < s->room;
	s->to = (size_t)got;
	s->offset += (uint64_t)got;
	return 0;
}

static void pass(struct passing *p, const uint8_t *bytes, size_t n)
{
	if (p->sum) {
		uint64_t from_ns = clock_ns();

		p->crc = crc_crc32c(p->crc, bytes, n);
		p->r->check_ns += clock_ns() - from_ns;
	}
	if (p->out) {
		memcpy(p->out, bytes, n);
		p->out += n;
	}
}

/* The next n bytes. */
static int take(struct reader *r, uint64_t n, struct passing *p)
{
	struct reader_stream *s = r->stream;

	while (n > 0) {
		size_t part;
		int rc = s->from == s->to ? fill(r) : 0;

		if (rc)
			return rc;
		if (s->from == s->to)
			return reader_failed(r, 0, s->offset);
		part = MIN(n, s->to - s->from);
		pass(p, s->buffer + s->from, part);
		s->from += part;
		n -= part;
	}
	return 0;
}

static int take_crc(struct reader *r, uint32_t crc, const char *wrong)
{
	uint32_t stored = 0;
	struct passing p = { .r = r, .out = (uint8_t *)&stored };
	int rc = take(r, sizeof(stored), &p);

	if (rc)
		return rc;
	return le32toh(stored) == crc_masked(crc) ? 0 : reader_wrong(r, wrong);
}

/* A length that was damaged must not make us read for ever: its CRC is verified
 * in any case. */
static int take_length(struct reader *r, uint64_t *len)
{
	struct passing p = { .r = r, .out = (uint8_t *)len, .sum = true };
	int rc;

	*len = 0;
	rc = take(r, sizeof(*len), &p);
	if (!rc)
		rc = take_crc(r, p.crc, "has a damaged length of a record");
	*len = le64toh(*len);
	return rc;
}

static int take_record(struct reader *r)
{
	struct passing data = { .r = r, .sum = r->check };
	struct passing unread = { .r = r };
	uint64_t len = 0;
	int rc = take_length(r, &len);

	if (!rc)
		rc = take(r, len, &data);
	if (!rc && r->check)
		rc = take_crc(r, data.crc, "has a damaged record");
	else if (!rc)
		rc = take(r, CRC_BYTES, &unread);
	if (rc)
		return rc;
	r->stream->next++;
	r->bytes += HEAD_BYTES + len + CRC_BYTES;
	return 0;
}

/* Behind the last record TensorFlow looks for another one. */
static int end_stream(struct reader *r)
{
	struct reader_stream *s = r->stream;
	int rc = s->from == s->to ? fill(r) : 0;

	if (!rc && r->check && s->from < s->to)
		rc = reader_wrong(r, "has more records than it should");
	close_stream(s);
	return rc;
}

int reader_tfrecord_sample(struct reader *r)
{
	const struct reader_file *f = r->file;
	struct reader_stream *s;
	int rc = r->stream ? 0 : make_stream(r);

	if (rc)
		return rc;
	s = r->stream;
	if (!s->file || strcmp(s->name, f->name) || s->next > f->sample)
		rc = open_stream(r);
	while (!rc && s->next <= f->sample)
		rc = take_record(r);
	if (!rc && s->next == r->samples)
		rc = end_stream(r);
	if (rc)
		close_stream(s);
	return rc;
}
