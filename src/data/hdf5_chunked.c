#include "data/hdf5_chunked.h"

#include "base/log.h"
#include "data/hdf5_filter.h"
#include "data/hdf5_layout.h"

#include <errno.h>
#include <string.h>

/* Each chunk has random numbers of its own; so many for each file are more
 * than a file has chunks. */
#define STREAMS ((uint64_t)1 << 24)

/* The chunks of one dataset, and all datasets are the same. */
struct chunks {
	const struct dataset_file *file;
	struct hdf5_shape shape;
	size_t bytes; /* of a chunk, before the filter */
	uint64_t count;
	unsigned char *chunk, *inside; /* one, and what is in the dataset */

	/* Of all, if there is a filter. */
	struct hdf5_chunk *made;
	uint64_t *offsets; /* in filtered */
	unsigned char *filtered;
	size_t len, room;
};

/* ---- One chunk ---- */

/* The rows of a chunk that are in the dataset, from where they are in a row.
 * The last index goes first. */
static void spread(const struct chunks *c, const uint64_t inside[])
{
	const struct hdf5_shape *s = &c->shape;
	unsigned last = MIN(MAX(s->ndims, 1), NPY_MAX_DIMS) - 1;
	uint64_t at[NPY_MAX_DIMS] = { 0 };
	size_t row = inside[last] * s->dtype->size;
	const unsigned char *from = c->inside;
	int k = 0;

	memset(c->chunk, 0, c->bytes);
	while (k >= 0) {
		uint64_t element = 0;

		for (unsigned i = 0; i <= last; i++)
			element = element * s->chunk[i] + at[i];
		memcpy(c->chunk + element * s->dtype->size, from, row);
		from += row;
		k = (int)last - 1;
		while (k >= 0 && ++at[k] == inside[k])
			at[k--] = 0;
	}
}

/* Random numbers where the chunk is in the dataset, zeros where it sticks
 * out. */
static void fill(struct chunks *c, uint64_t number)
{
	const struct hdf5_shape *s = &c->shape;
	uint64_t start[NPY_MAX_DIMS], inside[NPY_MAX_DIMS] = { 0 };
	struct payload_span span;
	uint64_t len = s->dtype->size;

	hdf5_shape_chunk_start(s, number, start);
	for (unsigned i = 0; i < s->ndims; i++) {
		inside[i] = MIN(s->chunk[i], s->dims[i] - start[i]);
		len *= inside[i];
	}
	span = format_random(c->file, STREAMS, number, len);
	if (len == c->bytes) {
		payload_fill(c->file->payload, &span, 0, c->chunk, len);
		return;
	}
	payload_fill(c->file->payload, &span, 0, c->inside, len);
	spread(c, inside);
}

/* ---- All chunks through the filter ---- */

static int reserve(struct chunks *c, size_t more)
{
	size_t room = MAX(c->len + more, c->room + c->room / 2);
	unsigned char *bytes;

	if (c->room - c->len >= more)
		return 0;
	bytes = realloc(c->filtered, room);
	if (!bytes)
		return -ENOMEM;
	c->filtered = bytes;
	c->room = room;
	return 0;
}

static int compress_one(struct chunks *c, uint64_t number)
{
	ssize_t n;
	int rc = reserve(c, hdf5_filter_room(c->bytes));

	if (rc < 0)
		return rc;
	fill(c, number);
	n = hdf5_filter_compress(&c->shape, c->chunk, c->bytes,
				 c->filtered + c->len);
	if (n < 0)
		return (int)n;
	if (n == 0)
		memcpy(c->filtered + c->len, c->chunk, c->bytes);
	c->offsets[number] = c->len;
	c->made[number].plain = n == 0;
	c->made[number].bytes = n == 0 ? c->bytes : (size_t)n;
	c->len += c->made[number].bytes;
	return 0;
}

static int compress_all(struct chunks *c)
{
	int rc = 0;

	c->made = calloc(c->count, sizeof(*c->made));
	c->offsets = calloc(c->count, sizeof(*c->offsets));
	if (!c->made || !c->offsets)
		return -ENOMEM;
	for (uint64_t i = 0; rc == 0 && i < c->count; i++)
		rc = compress_one(c, i);
	return rc;
}

/* ---- The file ---- */

static int begin(struct chunks *c, const struct dataset_file *f)
{
	*c = (struct chunks){ .file = f };
	hdf5_shape_of(f, &c->shape);
	c->bytes = hdf5_shape_bytes(&c->shape);
	c->count = hdf5_shape_chunks(&c->shape);
	c->chunk = malloc(c->bytes);
	c->inside = malloc(c->bytes);
	if (!c->chunk || !c->inside)
		return -ENOMEM;
	return c->shape.filter == HDF5_NO_FILTER ? 0 : compress_all(c);
}

static void end(struct chunks *c)
{
	free(c->chunk);
	free(c->inside);
	free(c->made);
	free(c->offsets);
	free(c->filtered);
}

static int put_chunk(struct chunks *c, uint64_t number, struct format_sink *out)
{
	if (c->made)
		return format_put(out, c->filtered + c->offsets[number],
				  c->made[number].bytes);
	fill(c, number);
	return format_put(out, c->chunk, c->bytes);
}

static int put_zeros(struct format_sink *out, uint64_t len)
{
	static const unsigned char zeros[4096];
	int rc = 0;

	for (uint64_t at = 0; rc == 0 && at < len; at += sizeof(zeros))
		rc = format_put(out, zeros, MIN(sizeof(zeros), len - at));
	return rc;
}

static int put_all(struct chunks *c, const struct hdf5_layout *l,
		   struct format_sink *out)
{
	const unsigned char *metadata = l->metadata;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < l->n; i++) {
		const struct hdf5_extent *e = &l->extents[i];

		switch (e->kind) {
		case HDF5_METADATA:
			rc = format_put(out, metadata, e->len);
			metadata += e->len;
			break;
		case HDF5_RECORDS:
			rc = put_chunk(c, e->chunk, out);
			break;
		case HDF5_LABELS:
			rc = put_zeros(out, e->len);
			break;
		}
	}
	return rc;
}

int hdf5_chunked_encode(const struct dataset_file *f, struct format_sink *out)
{
	struct hdf5_layout layout = { 0 };
	struct chunks c;
	int rc = begin(&c, f);

	if (rc == 0)
		rc = hdf5_layout_make(&c.shape, c.made, &layout);
	if (rc == 0)
		rc = put_all(&c, &layout, out);
	hdf5_layout_free(&layout);
	end(&c);
	return rc;
}

/* A file of one chunk shows it. */
int hdf5_chunked_check(const struct dataset_file *f)
{
	struct hdf5_chunk one = { .bytes = 1 };
	struct hdf5_layout l;
	struct hdf5_shape s;
	int rc = hdf5_shape_check(f);

	if (rc < 0)
		return rc;
	hdf5_shape_of(f, &s);
	s.datasets = 1;
	memcpy(s.dims, s.chunk, sizeof(s.dims));
	one.plain = s.filter == HDF5_NO_FILTER;
	one.bytes = one.plain ? hdf5_shape_bytes(&s) : 1;
	rc = hdf5_layout_make(&s, &one, &l);
	hdf5_layout_free(&l);
	if (rc == -EIO)
		return log_invalid("dataset.compression %s: libhdf5 does not "
				   "take it for %s in these chunks",
				   f->layout->compression ?
					   f->layout->compression :
					   "none",
				   f->dtype->name);
	return rc < 0 ? log_fail(rc, "a dataset") : 0;
}
