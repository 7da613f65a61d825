/* mmap_indexed_binary: all files and their indexes are mapped before the first
 * sample.  DLIO then makes a view of a sample and never looks at it (dlio.md,
 * T25); so what reaches the storage are the pages of the indexes.  Told to
 * touch, the pages of the sample are there when it is done.
 *
 * Pages are brought in by madvise(MADV_POPULATE_READ), which takes the same way
 * as touching them, but gives an errno where the storage fails, and no SIGBUS.
 *
 * Sources without files to map are read instead: indexes whole, and of samples
 * what is to be touched. */
#include "train/reader_index.h"

#include <errno.h>
#include <sys/mman.h>

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22 /* Linux 5.14 */
#endif

#define PAGE ((uint64_t)4096)

/* Where the kernel does not know how, touch them. */
static int populate(const struct reader_map *m, uint64_t from, uint64_t to)
{
	uint64_t start = round_down(from, PAGE);
	uintptr_t at = (uintptr_t)m->data + start;
	volatile const char *bytes = m->data;

	if (from == to || !madvise((void *)at, to - start, MADV_POPULATE_READ))
		return 0;
	if (errno == EFAULT)
		return -EIO;
	if (errno != EINVAL)
		return -errno;
	for (; start < to; start += PAGE)
		(void)bytes[start];
	return 0;
}

/* Map the file, or say that it cannot be: *out has no data. */
static int map(struct reader *r, const char *suffix, struct reader_map *out)
{
	struct source_file *f = NULL;
	int rc = reader_index_open(r, suffix, &f);

	if (rc)
		return rc;
	out->len = f->size;
	rc = f->size ? source_map(f, &out->data) : -ENODATA;
	source_close(f);
	if (rc == -ENODATA)
		return reader_wrong(r, "or an index of it is empty");
	if (rc == -ENOMEM)
		return reader_wrong(r, "is one file too many to map: see "
				       "vm.max_map_count, or read with fewer "
				       "threads");
	return rc && rc != -ENODEV ? reader_failed(r, rc, 0) : 0;
}

/* What cannot be mapped is read. */
static int read_numbers(struct reader *r, const char *suffix, uint64_t len,
			uint64_t **out)
{
	AUTO_FREE uint64_t *numbers = malloc(MAX(len, 1));
	struct source_file *f = NULL;
	int rc;

	if (!numbers)
		return reader_failed(r, -ENOMEM, 0);
	rc = reader_index_open(r, suffix, &f);
	if (rc)
		return rc;
	rc = reader_read_range(r, f, numbers, len, 0);
	source_close(f);
	if (!rc)
		*out = TAKE(numbers);
	return rc;
}

static int get_index(struct reader *r, const char *suffix,
		     struct reader_map *mapped, uint64_t **numbers)
{
	uint64_t len;
	int rc = map(r, suffix, mapped);

	if (rc)
		return rc;
	if (!r->samples ||
	    __builtin_mul_overflow(r->samples, sizeof(**numbers), &len) ||
	    mapped->len < len)
		return reader_wrong(r, "has a shorter index than it should");
	return mapped->data ? 0 : read_numbers(r, suffix, len, numbers);
}

static int load(struct reader *r, struct reader_index **out)
{
	struct reader_index *x =
		shelf_add(&r->shelf, r->file->name, sizeof(*x));
	int rc;

	if (!x)
		return reader_failed(r, -ENOMEM, 0);
	rc = get_index(r, READER_INDEX_OFFSETS, &x->offset_map, &x->offsets);
	if (!rc)
		rc = get_index(r, READER_INDEX_SIZES, &x->size_map, &x->sizes);
	if (!rc)
		rc = map(r, "", &x->data_map);
	x->ready = !rc;
	*out = x;
	return rc;
}

/* A failure is one each time. */
static int find(struct reader *r, struct reader_index **out)
{
	*out = shelf_find(&r->shelf, r->file->name);
	if (!*out)
		return load(r, out);
	return (*out)->ready ? 0 : reader_wrong(r, "could not be mapped");
}

int reader_mmap_expect(struct reader *r)
{
	struct reader_index *x;

	return find(r, &x);
}

/* The page of each index that the sample's numbers are in. */
static int populate_index(struct reader *r, struct reader_index *x)
{
	uint64_t from = r->file->sample * sizeof(uint64_t);
	uint64_t page = from / PAGE + 1;
	int rc;

	if (!x->offset_map.data || x->at_hand == page ||
	    r->file->sample >= r->samples)
		return 0;
	rc = populate(&x->offset_map, from, from + sizeof(uint64_t));
	if (!rc)
		rc = populate(&x->size_map, from, from + sizeof(uint64_t));
	x->at_hand = rc ? 0 : page;
	return rc ? reader_failed(r, rc, from) : 0;
}

static int read_range(struct reader *r, uint64_t offset, uint64_t size)
{
	struct source_file *f = NULL;
	int rc = reader_reserve(r, size);

	if (!rc)
		rc = reader_index_open(r, "", &f);
	if (rc)
		return rc;
	rc = reader_read_range(r, f, r->image, size, offset);
	source_close(f);
	return rc;
}

static int touch(struct reader *r, const struct reader_index *x,
		 uint64_t offset, uint64_t size)
{
	int rc;

	r->bytes = size;
	if (!x->data_map.data)
		return read_range(r, offset, size);
	rc = populate(&x->data_map, offset, offset + size);
	return rc ? reader_failed(r, rc, offset) : 0;
}

int reader_mmap_sample(struct reader *r)
{
	struct reader_index *x;
	uint64_t offset, size;
	int rc = find(r, &x);

	if (!rc)
		rc = populate_index(r, x);
	if (!rc)
		rc = reader_index_sample(r, x, x->data_map.len, &offset, &size);
	if (rc || !r->touch)
		return rc;
	return touch(r, x, offset, size);
}

static void clear(void *thing)
{
	struct reader_index *x = thing;

	source_unmap(x->offset_map.data, x->offset_map.len);
	source_unmap(x->size_map.data, x->size_map.len);
	source_unmap(x->data_map.data, x->data_map.len);
	free(x->offsets);
	free(x->sizes);
}

void reader_mmap_forget(struct reader *r)
{
	shelf_empty(&r->shelf, clear);
}
