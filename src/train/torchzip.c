#include "train/torchzip.h"

#include "base/crc.h"

#include <endian.h>
#include <string.h>

#define ALIGN 64u
#define LOCAL_SIZE 30u

/* PyTorch's folder in the archive, when it saves to an open file. */
#define FOLDER "archive/"

/* Sizes and CRC come after the data; names are UTF-8. */
#define FLAGS 0x0808u

static void put(struct torchzip *z, const void *data, size_t len)
{
	memcpy(z->text + z->len, data, len);
	z->len += len;
	z->offset += len;
}

static void put16(struct torchzip *z, uint64_t v)
{
	uint16_t le = htole16((uint16_t)v);

	put(z, &le, sizeof(le));
}

static void put32(struct torchzip *z, uint64_t v)
{
	uint32_t le = htole32((uint32_t)v);

	put(z, &le, sizeof(le));
}

static void put64(struct torchzip *z, uint64_t v)
{
	uint64_t le = htole64(v);

	put(z, &le, sizeof(le));
}

/* What does not fit 32 bits is said to be all ones, and is in a field of its
 * own: sizes if they do not, the header's offset if it does not. */
static bool wide(uint64_t v)
{
	return v >= UINT32_MAX;
}

static size_t wide_field_size(const struct torchzip_member *m)
{
	if (!wide(m->size) && !wide(m->offset))
		return 0;
	return 4u + (wide(m->size) ? 16 : 0) + (wide(m->offset) ? 8 : 0);
}

/* packed: the second size, of the bytes as they are in the file. */
static void put_wide_field(struct torchzip *z, const struct torchzip_member *m,
			   uint64_t packed)
{
	if (!wide_field_size(m))
		return;
	put16(z, 1);
	put16(z, wide_field_size(m) - 4);
	if (wide(m->size)) {
		put64(z, m->size);
		put64(z, packed);
	}
	if (wide(m->offset))
		put64(z, m->offset);
}

static size_t name_size(const struct torchzip_member *m)
{
	return strlen(FOLDER) + strlen(m->name);
}

static void put_name(struct torchzip *z, const struct torchzip_member *m)
{
	put(z, FOLDER, strlen(FOLDER));
	put(z, m->name, strlen(m->name));
}

void torchzip_init(struct torchzip *z)
{
	z->len = 0;
	z->offset = 0;
	z->n = 0;
}

void torchzip_begin(struct torchzip *z, const char *name, uint64_t size)
{
	struct torchzip_member *m = &z->member[z->n++];
	uint64_t data;
	size_t pad;

	*m = (struct torchzip_member){ name, z->offset, size, 0 };
	/* A field "FB", which is for nothing, brings the data to its place. */
	data = m->offset + LOCAL_SIZE + name_size(m) + wide_field_size(m) + 4;
	pad = round_up(data, ALIGN) - data;

	put32(z, 0x04034b50);
	put16(z, 0);
	put16(z, FLAGS);
	put16(z, 0); /* stored */
	put32(z, 0); /* no date */
	put32(z, 0); /* CRC and sizes come later */
	put32(z, 0);
	put32(z, 0);
	put16(z, name_size(m));
	put16(z, wide_field_size(m) + 4 + pad);
	put_name(z, m);
	put_wide_field(z, m, 0); /* it, too, comes later */
	put(z, "FB", 2);
	put16(z, pad);
	while (pad-- > 0)
		put(z, "Z", 1);
}

static void put_descriptor(struct torchzip *z, const struct torchzip_member *m)
{
	put32(z, 0x08074b50);
	put32(z, m->crc);
	for (int i = 0; i < 2; i++)
		if (wide_field_size(m))
			put64(z, m->size);
		else
			put32(z, m->size);
}

void torchzip_add(struct torchzip *z, const void *data, size_t len)
{
	struct torchzip_member *m = &z->member[z->n - 1];

	put(z, data, len);
	m->crc = crc_crc32(0, data, len);
	put_descriptor(z, m);
}

void torchzip_skip(struct torchzip *z, uint64_t len, uint32_t crc)
{
	struct torchzip_member *m = &z->member[z->n - 1];

	z->offset += len;
	m->crc = crc;
	put_descriptor(z, m);
}

static uint64_t narrow(uint64_t v)
{
	return wide(v) ? UINT32_MAX : v;
}

static void put_entry(struct torchzip *z, const struct torchzip_member *m)
{
	put32(z, 0x02014b50);
	put16(z, 0);
	put16(z, 0);
	put16(z, FLAGS);
	put16(z, 0); /* stored */
	put32(z, 0); /* no date */
	put32(z, m->crc);
	put32(z, narrow(m->size));
	put32(z, narrow(m->size));
	put16(z, name_size(m));
	put16(z, wide_field_size(m));
	put16(z, 0);
	put16(z, 0);
	put16(z, 0);
	put32(z, 0);
	put32(z, narrow(m->offset));
	put_name(z, m);
	put_wide_field(z, m, m->size);
}

void torchzip_end(struct torchzip *z)
{
	uint64_t directory = z->offset, end, size;

	for (unsigned i = 0; i < z->n; i++)
		put_entry(z, &z->member[i]);
	end = z->offset;
	size = end - directory;

	/* The ZIP64 records are there always. */
	put32(z, 0x06064b50);
	put64(z, 44);
	put16(z, 0x031e);
	put16(z, 45);
	put32(z, 0);
	put32(z, 0);
	put64(z, z->n);
	put64(z, z->n);
	put64(z, size);
	put64(z, directory);

	put32(z, 0x07064b50);
	put32(z, 0);
	put64(z, end);
	put32(z, 1);

	put32(z, 0x06054b50);
	put16(z, 0);
	put16(z, 0);
	put16(z, z->n);
	put16(z, z->n);
	put32(z, size);
	put32(z, narrow(directory));
	put16(z, 0);
}
