/* indexed_binary: both index files of every file are read before the first
 * sample; a sample is one seek and one read. */
#include "train/reader_index.h"

#include <errno.h>
#include <string.h>

/* DLIO takes as many numbers from an index as there are samples in a file, with
 * one readinto().  The caller frees. */
static int read_numbers(struct reader *r, const char *suffix, uint64_t **out)
{
	AUTO_FREE uint64_t *numbers = NULL;
	struct source_file *f = NULL;
	size_t len;
	ssize_t got;
	int rc;

	if (!r->samples ||
	    __builtin_mul_overflow(r->samples, sizeof(**out), &len))
		return reader_failed(r, -EFBIG, 0);
	rc = reader_index_open(r, suffix, &f);
	if (rc)
		return rc;
	if (f->size < len) {
		source_close(f);
		return reader_wrong(r, "has a shorter index than it should");
	}
	numbers = calloc(r->samples, sizeof(*numbers));
	rc = numbers ? pyfile_open(r->py, f) : -ENOMEM;
	got = rc ? rc : pyfile_readinto(r->py, numbers, len);
	source_close(f);
	if (got != (ssize_t)len)
		return reader_failed(r, got, pyfile_offset(r->py));
	r->bytes += len;
	*out = TAKE(numbers);
	return 0;
}

static int load(struct reader *r, struct reader_index **out)
{
	AUTO_FREE uint64_t *offsets = NULL, *sizes = NULL;
	struct reader_index *x;
	int rc = read_numbers(r, READER_INDEX_OFFSETS, &offsets);

	if (!rc)
		rc = read_numbers(r, READER_INDEX_SIZES, &sizes);
	if (rc || !offsets || !sizes)
		return rc;
	x = shelf_add(&r->shelf, r->file->name, sizeof(*x));
	if (!x)
		return reader_failed(r, -ENOMEM, 0);
	if (!reader_index_is_regular(offsets, sizes, r->samples)) {
		x->offsets = TAKE(offsets);
		x->sizes = TAKE(sizes);
	} else {
		x->size = le64toh(sizes[0]);
	}
	*out = x;
	return 0;
}

int reader_indexed_expect(struct reader *r)
{
	struct reader_index *x;

	return shelf_find(&r->shelf, r->file->name) ? 0 : load(r, &x);
}

/* Open what is not open still; what is opened instead of it is closed. */
static int open_data(struct reader *r, struct reader_index *x)
{
	int rc;

	if (r->file->kept && x->open) {
		if (r->at == x)
			return 0;
	} else {
		if (r->keep_open <= 1 && r->at)
			reader_index_close(r->at);
		reader_index_close(x);
		rc = reader_index_open(r, "", &x->open);
		if (rc)
			return rc;
	}
	r->at = x;
	rc = pyfile_open(r->py, x->open);
	return rc ? reader_failed(r, rc, 0) : 0;
}

static int read_sample(struct reader *r, struct reader_index *x)
{
	uint64_t offset, size;
	ssize_t got;
	int rc = reader_index_sample(r, x, x->open->size, &offset, &size);

	if (!rc)
		rc = reader_reserve(r, size);
	if (rc)
		return rc;
	pyfile_seek(r->py, offset);
	got = pyfile_readinto(r->py, r->image, size);
	if (got != (ssize_t)size)
		return reader_failed(r, got, pyfile_offset(r->py));
	r->bytes += size;
	return 0;
}

int reader_indexed_sample(struct reader *r)
{
	struct reader_index *x = shelf_find(&r->shelf, r->file->name);
	int rc = x ? 0 : load(r, &x);

	if (rc || !x)
		return rc;
	rc = open_data(r, x);
	if (!rc)
		rc = read_sample(r, x);
	if (!r->keep_open && r->at) {
		reader_index_close(r->at);
		r->at = NULL;
	}
	return rc;
}

static void clear(void *thing)
{
	struct reader_index *x = thing;

	reader_index_close(x);
	free(x->offsets);
	free(x->sizes);
}

void reader_indexed_forget(struct reader *r)
{
	shelf_empty(&r->shelf, clear);
}
