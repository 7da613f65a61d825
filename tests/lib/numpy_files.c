#include "lib/numpy_files.h"

#include "base/crc.h"
#include "base/rng.h"

#include <endian.h>
#include <string.h>

#define NPY_HEADER 128

struct text {
	uint8_t *data;
	size_t len;
};

static void *add(struct text *t, const void *data, size_t len)
{
	t->data = realloc(t->data, t->len + len);
	if (!t->data)
		abort();
	if (data)
		memcpy(t->data + t->len, data, len);
	t->len += len;
	return t->data + t->len - len;
}

static void add16(struct text *t, unsigned v)
{
	uint16_t le = htole16((uint16_t)v);

	add(t, &le, sizeof(le));
}

static void add32(struct text *t, uint64_t v)
{
	uint32_t le = htole32((uint32_t)v);

	add(t, &le, sizeof(le));
}

static void add64(struct text *t, uint64_t v)
{
	uint64_t le = htole64(v);

	add(t, &le, sizeof(le));
}

static void add_npy_header(struct text *t, const char *descr, const char *shape)
{
	char header[NPY_HEADER + 1];
	int len;

	len = snprintf(header, sizeof(header),
		       "\x93NUMPY%c%cv%c{'descr': '%s', 'fortran_order': "
		       "False, 'shape': %s, }",
		       1, 1, 1, descr, shape);
	memset(header + len, ' ', (size_t)(NPY_HEADER - 1 - len));
	header[NPY_HEADER - 1] = '\n';
	memcpy(header + 6, "\1\0\x76\0", 4);
	add(t, header, NPY_HEADER);
}

static void add_image(struct text *t, unsigned rows, unsigned columns,
		      unsigned samples)
{
	size_t len = (size_t)rows * columns * samples;
	char shape[64];
	struct rng rng;
	uint8_t *at;

	snprintf(shape, sizeof(shape), "(%u, %u, %u)", rows, columns, samples);
	add_npy_header(t, "|u1", shape);
	at = add(t, NULL, len);
	rng_seed(&rng, len);
	for (size_t i = 0; i < len; i++)
		at[i] = (uint8_t)rng_u64(&rng);
}

static void add_labels(struct text *t, unsigned samples)
{
	char shape[64];

	snprintf(shape, sizeof(shape), "(%u,)", samples);
	add_npy_header(t, "<i8", shape);
	memset(add(t, NULL, 8 * (size_t)samples), 0, 8 * (size_t)samples);
}

/* What local header and directory entry have in common. */
static void add_entry(struct text *t, const struct text *member)
{
	add16(t, 20); /* version needed */
	add16(t, 0);
	add16(t, 0); /* stored */
	add16(t, 0);
	add16(t, 33); /* 1980-01-01 */
	add32(t, crc_crc32(0, member->data, member->len));
}

static void add_local(struct text *t, const char *name,
		      const struct text *member)
{
	add(t, "PK\3\4", 4);
	add_entry(t, member);
	add32(t, member->len); /* here, and again below */
	add32(t, member->len);
	add16(t, (unsigned)strlen(name));
	add16(t, 20);
	add(t, name, strlen(name));
	add16(t, 1);
	add16(t, 16);
	add64(t, member->len);
	add64(t, member->len);
	add(t, member->data, member->len);
}

static void add_directory(struct text *t, const char *name,
			  const struct text *member, size_t offset)
{
	add(t, "PK\1\2", 4);
	add16(t, 3 << 8 | 20); /* by Unix, version 2.0 */
	add_entry(t, member);
	add32(t, member->len);
	add32(t, member->len);
	add16(t, (unsigned)strlen(name));
	add16(t, 0);
	add16(t, 0);
	add16(t, 0);
	add16(t, 0);
	add32(t, 0600ul << 16);
	add32(t, offset);
	add(t, name, strlen(name));
}

uint8_t *numpy_files_npy(unsigned rows, unsigned columns, unsigned samples,
			 size_t *len)
{
	struct text t = { 0 };

	add_image(&t, rows, columns, samples);
	*len = t.len;
	return t.data;
}

uint8_t *numpy_files_npz(unsigned rows, unsigned columns, unsigned samples,
			 size_t *len)
{
	struct text t = { 0 }, x = { 0 }, y = { 0 };
	size_t y_offset, dir_offset;

	add_image(&x, rows, columns, samples);
	add_labels(&y, samples);
	add_local(&t, "x.npy", &x);
	y_offset = t.len;
	add_local(&t, "y.npy", &y);
	dir_offset = t.len;
	add_directory(&t, "x.npy", &x, 0);
	add_directory(&t, "y.npy", &y, y_offset);
	add(&t, "PK\5\6\0\0\0\0\2\0\2\0", 12);
	add32(&t, 102);
	add32(&t, dir_offset);
	add16(&t, 0);
	free(x.data);
	free(y.data);
	*len = t.len;
	return t.data;
}
