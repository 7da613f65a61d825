#include "data/format.h"

#include "data/encoding.h"

#include <errno.h>
#include <string.h>

static const struct format *const formats[] = {
	&format_npz,	      &format_npy,	&format_csv,
	&format_hdf5,	      &format_tfrecord, &format_indexed_binary,
	&format_indexed_mmap, &format_jpeg,	&format_png,
	&format_synthetic,    &format_parquet,
};

const struct format *format_at(size_t i)
{
	return i < ARRAY_SIZE(formats) ? formats[i] : NULL;
}

const struct format *format_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		if (!strcmp(name, formats[i]->name))
			return formats[i];
	return NULL;
}

static uint64_t len_before(const struct format_plan *plan, unsigned piece)
{
	uint64_t len = 0;

	for (unsigned i = 0; i < piece; i++)
		len += plan->pieces[i].len;
	return len;
}

static uint64_t copy_len(const struct format_plan *plan)
{
	return len_before(plan, plan->n);
}

/* The first of the payload pieces lies on the grid of the payload's blocks,
 * and the others, if there are any, are copies of it. */
static unsigned first_payload(const struct format_plan *plan)
{
	unsigned i = 0;

	while (i < plan->n && plan->pieces[i].kind != FORMAT_PAYLOAD)
		i++;
	return i;
}

struct payload_span format_span(const struct dataset_file *f,
				const struct format_plan *plan, uint64_t copy,
				unsigned piece)
{
	return (struct payload_span){
		.stream = f->number * plan->copies + copy,
		.start = copy * copy_len(plan) +
			 len_before(plan, first_payload(plan)),
		.len = plan->pieces[piece].len,
	};
}

struct payload_span format_random(const struct dataset_file *f, uint64_t of,
				  uint64_t i, uint64_t len)
{
	return (struct payload_span){ .stream = f->number * of + i,
				      .len = len };
}

/* ---- Planned files ---- */

int64_t format_size(const struct format *t, const struct dataset_file *f)
{
	struct format_plan plan;
	struct dataset_sum sum;
	int rc;

	if (t->encode) {
		rc = encoding_sum(t, f, &sum);
		return rc < 0 ? rc : (int64_t)sum.size;
	}
	rc = t->plan(f, &plan);
	return rc < 0 ? rc : (int64_t)(plan.copies * copy_len(&plan));
}

/* A piece of a certain copy, and where in the file it is. */
struct place {
	const struct format_plan *plan;
	uint64_t copy;
	unsigned piece;
	uint64_t start;
};

/* The piece that holds the byte at offset, which is in the file. */
static struct place place_of(const struct format_plan *plan, uint64_t offset)
{
	uint64_t row = copy_len(plan);
	struct place at = { plan, offset / row, 0, offset / row * row };

	while (offset - at.start >= plan->pieces[at.piece].len)
		at.start += plan->pieces[at.piece++].len;
	return at;
}

static uint64_t len_at(const struct place *at)
{
	return at->plan->pieces[at->piece].len;
}

/* Literals of ordinary size do not go through malloc(). */
#define ON_STACK 2048

/* Bytes from … from + len of a literal, by way of the whole. */
static int read_literal(const struct format *t, const struct dataset_file *f,
			const struct place *at, void *buf, uint64_t from,
			size_t len)
{
	size_t size = len_at(at);
	unsigned char small[ON_STACK];
	AUTO_FREE unsigned char *large = size > ON_STACK ? malloc(size) : NULL;
	unsigned char *whole = size > ON_STACK ? large : small;
	int rc;

	if (from == 0 && len == size)
		return t->literal(f, at->copy, at->piece, buf);
	if (!whole)
		return -ENOMEM;
	rc = t->literal(f, at->copy, at->piece, whole);
	if (rc == 0)
		memcpy(buf, whole + from, len);
	return rc;
}

static int read_piece(const struct format *t, const struct dataset_file *f,
		      const struct place *at, void *buf, uint64_t from,
		      size_t len)
{
	struct payload_span span =
		format_span(f, at->plan, at->copy, at->piece);

	switch (at->plan->pieces[at->piece].kind) {
	case FORMAT_LITERAL:
		return read_literal(t, f, at, buf, from, len);
	case FORMAT_PAYLOAD:
		payload_fill(f->payload, &span, from, buf, len);
		return 0;
	case FORMAT_ZEROS:
		memset(buf, 0, len);
		return 0;
	}
	return -EINVAL;
}

ssize_t format_read(const struct format *t, const struct dataset_file *f,
		    void *buf, size_t len, uint64_t offset)
{
	struct format_plan plan;
	uint64_t size;
	size_t done = 0;
	int rc;

	if (t->encode)
		return encoding_range(t, f, buf, len, offset);
	rc = t->plan(f, &plan);
	if (rc < 0)
		return rc;
	size = plan.copies * copy_len(&plan);
	if (offset >= size)
		return 0;
	len = MIN(len, size - offset);
	while (done < len) {
		struct place at = place_of(&plan, offset + done);
		uint64_t from = offset + done - at.start;
		size_t n = MIN(len - done, len_at(&at) - from);

		rc = read_piece(t, f, &at, (char *)buf + done, from, n);
		if (rc < 0)
			return rc;
		done += n;
	}
	return (ssize_t)done;
}

static int literal_crc32(const struct format *t, const struct dataset_file *f,
			 const struct place *at, uint32_t *out)
{
	size_t len = len_at(at);
	AUTO_FREE unsigned char *buf = malloc(len);
	int rc;

	if (!buf)
		return -ENOMEM;
	rc = t->literal(f, at->copy, at->piece, buf);
	if (rc == 0)
		*out = crc_crc32(0, buf, len);
	return rc;
}

static int piece_crc32(const struct format *t, const struct dataset_file *f,
		       const struct place *at, uint32_t *out)
{
	struct payload_span span =
		format_span(f, at->plan, at->copy, at->piece);

	switch (at->plan->pieces[at->piece].kind) {
	case FORMAT_LITERAL:
		return literal_crc32(t, f, at, out);
	case FORMAT_PAYLOAD:
		*out = payload_crc32(f->payload, &span);
		return 0;
	case FORMAT_ZEROS:
		*out = crc_zeros(span.len);
		return 0;
	}
	return -EINVAL;
}

int format_crc32(const struct format *t, const struct dataset_file *f,
		 uint32_t *out)
{
	struct format_plan plan;
	struct dataset_sum sum;
	uint64_t size;
	uint32_t crc = 0;
	int rc;

	if (t->encode) {
		rc = encoding_sum(t, f, &sum);
		*out = sum.crc;
		return rc;
	}
	rc = t->plan(f, &plan);
	if (rc < 0)
		return rc;
	size = plan.copies * copy_len(&plan);
	for (uint64_t offset = 0; offset < size;) {
		struct place at = place_of(&plan, offset);
		uint32_t next = 0;

		rc = piece_crc32(t, f, &at, &next);
		if (rc < 0)
			return rc;
		crc = crc_crc32_join(crc, next, len_at(&at));
		offset += len_at(&at);
	}
	*out = crc;
	return 0;
}

int format_stream(const struct format *t, const struct dataset_file *f,
		  void *buffer, size_t room, dataset_piece_fn fn, void *arg)
{
	uint64_t offset = 0;
	ssize_t got;

	if (t->encode)
		return encoding_stream(t, f, buffer, room, fn, arg);
	while ((got = format_read(t, f, buffer, room, offset)) > 0) {
		int rc = fn(arg, buffer, (size_t)got);

		if (rc)
			return rc;
		offset += (uint64_t)got;
	}
	return (int)got;
}
