#include "train/reader_index.h"

#include <errno.h>

int reader_index_open(struct reader *r, const char *suffix,
		      struct source_file **out)
{
	char name[READER_NAME_SIZE];
	int len = snprintf(name, sizeof(name), "%s%s", r->file->name, suffix);

	if (len < 0 || (size_t)len >= sizeof(name))
		return reader_cannot_open(r, r->file->name, -ENAMETOOLONG);
	return reader_open(r, name, *suffix == '\0', out);
}

void reader_index_close(struct reader_index *x)
{
	source_close(x->open);
	x->open = NULL;
}

bool reader_index_is_regular(const uint64_t *offsets, const uint64_t *sizes,
			     uint64_t samples)
{
	uint64_t size = samples ? le64toh(sizes[0]) : 0, offset = 0;

	for (uint64_t i = 0; i < samples; i++, offset += size)
		if (le64toh(sizes[i]) != size || le64toh(offsets[i]) != offset)
			return false;
	return samples > 0;
}

/* Number i of a file's index, wherever it is held. */
static void look_up(const struct reader_index *x, uint64_t i, uint64_t *offset,
		    uint64_t *size)
{
	const uint64_t *offsets = x->offset_map.data ? x->offset_map.data :
						       x->offsets;
	const uint64_t *sizes = x->size_map.data ? x->size_map.data : x->sizes;

	if (offsets && sizes) {
		*offset = le64toh(offsets[i]);
		*size = le64toh(sizes[i]);
	} else {
		*size = x->size;
		if (__builtin_mul_overflow(x->size, i, offset))
			*offset = UINT64_MAX;
	}
}

int reader_index_sample(struct reader *r, const struct reader_index *x,
			uint64_t room, uint64_t *offset, uint64_t *size)
{
	const struct reader_file *f = r->file;

	if (f->sample >= r->samples)
		return reader_wrong(r, "has no such sample");
	look_up(x, f->sample, offset, size);
	if (*offset > room || *size > room - *offset)
		return reader_wrong(r,
				    "has an index of what is behind its end");
	if (r->check && f->size != READER_ANY_SIZE &&
	    *size != f->size / r->samples)
		return reader_wrong(r, "has an index with another size of "
				       "samples than was generated");
	return 0;
}
