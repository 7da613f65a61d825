/* h5py.File(file)["records_0"][sample], for each dataset, as DLIO does it: the
 * same reads in the same order, for libhdf5 itself says what they are.  What
 * was compressed is expanded, and not copied to where it is in the sample. */
#include "train/reader_format.h"

#include "data/hdf5_filter.h"
#include "data/hdf5_reading.h"

#include <errno.h>

/* A file, while it is open. */
struct reader_hdf5 {
	struct shelf_thing thing; /* where all files are kept */
	struct source_file *open; /* NULL: is not */
	struct hdf5_reading *reading;
};

static int read_part(struct reader *r, struct source_file *f,
		     const struct hdf5_sample *sample,
		     const struct hdf5_part *part)
{
	const struct hdf5_shape *s = &sample->shape;
	bool filtered = s->filter != HDF5_NO_FILTER && !part->plain;
	uint64_t expanded = round_up(part->len, READER_ALIGN);
	int rc;

	if (part->len > f->size || part->offset > f->size - part->len)
		return reader_failed(r, 0, f->size);
	if (!filtered && part->len != sample->part_bytes)
		return reader_wrong(r, "has a chunk of another length than its "
				       "shape says");
	rc = reader_reserve(r, expanded + (filtered ? sample->part_bytes : 0));
	if (!rc)
		rc = reader_read_range(r, f, r->image, part->len, part->offset);
	r->bytes += part->len;
	if (!rc && filtered &&
	    hdf5_filter_expand(s, r->image, part->len, r->image + expanded,
			       sample->part_bytes))
		rc = reader_wrong(r, "has a chunk that does not expand: it is "
				     "damaged");
	return rc;
}

static int find(struct reader *r, const struct reader_hdf5 *x, unsigned dataset,
		struct hdf5_sample *out)
{
	struct hdf5_read want;
	int rc;

	while ((rc = hdf5_reading_find(x->reading, dataset, r->file->sample,
				       &want, out)) > 0) {
		rc = reader_read_range(r, x->open, want.to, want.len,
				       want.offset);
		r->bytes += want.len;
		if (rc)
			return rc;
	}
	if (rc == -EBADMSG)
		return reader_wrong(r, hdf5_reading_wrong(x->reading));
	return rc ? reader_failed(r, rc, 0) : 0;
}

static int read_datasets(struct reader *r, const struct reader_hdf5 *x)
{
	int rc = 0;

	for (unsigned i = 0; !rc && i < r->datasets; i++) {
		struct hdf5_sample sample = { 0 };

		rc = find(r, x, i, &sample);
		for (size_t k = 0; !rc && k < sample.n; k++)
			rc = read_part(r, x->open, &sample, &sample.parts[k]);
	}
	return rc;
}

/* ---- Open files ---- */

static void close_file(struct reader_hdf5 *x)
{
	if (x->reading)
		hdf5_reading_close(x->reading);
	source_close(x->open);
	x->open = NULL;
}

static struct reader_hdf5 *take_file(struct reader *r)
{
	struct reader_hdf5 *x;

	if (r->keep_open > 1) {
		x = shelf_find(&r->shelf, r->file->name);
		return x ? x : shelf_add(&r->shelf, r->file->name, sizeof(*x));
	}
	if (!r->hdf5)
		r->hdf5 = calloc(1, sizeof(*r->hdf5));
	return r->hdf5;
}

static int open_file(struct reader *r, struct reader_hdf5 *x)
{
	int rc = 0;

	if (r->file->kept && x->open)
		return 0;
	close_file(x);
	if (!x->reading)
		rc = hdf5_reading_new(&x->reading);
	if (rc)
		return reader_failed(r, rc, 0);
	rc = reader_open(r, r->file->name, true, &x->open);
	if (!rc)
		hdf5_reading_open(x->reading, x->open->size);
	return rc;
}

int reader_hdf5_sample(struct reader *r)
{
	struct reader_hdf5 *x = take_file(r);
	int rc;

	if (!x)
		return reader_failed(r, -ENOMEM, 0);
	rc = open_file(r, x);
	if (!rc)
		rc = read_datasets(r, x);
	if (rc || !r->keep_open)
		close_file(x);
	else if (r->keep_open > 1)
		hdf5_reading_rest(x->reading);
	return rc;
}

static void clear(void *thing)
{
	struct reader_hdf5 *x = thing;

	close_file(x);
	hdf5_reading_free(x->reading);
}

void reader_hdf5_forget(struct reader *r)
{
	shelf_empty(&r->shelf, clear);
	if (r->hdf5)
		clear(r->hdf5);
	free(r->hdf5);
}
