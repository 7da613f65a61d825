#include "train/torchzip.h"

#include "base/crc.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#define ALIGN 64u
#define LOCAL_SIZE 30u

/* PyTorch's folder in the archive, when it saves to an open file. */
#define FOLDER "archive/"

/* Names are UTF-8. */
#define FLAG_UTF8 0x0800u

/* Sizes and CRC come after the data, if there is any. */
#define FLAG_AFTER 8u

/* A record: what is written in one piece. */
struct record {
	size_t len;
	uint8_t data[128];
};

static void put(struct record *r, const void *data, size_t len)
{
	memcpy(r->data + r->len, data, len);
	r->len += len;
}

static void put16(struct record *r, uint64_t v)
{
	uint16_t le = htole16((uint16_t)v);

	put(r, &le, sizeof(le));
}

static void put32(struct record *r, uint64_t v)
{
	uint32_t le = htole32((uint32_t)v);

	put(r, &le, sizeof(le));
}

static void put64(struct record *r, uint64_t v)
{
	uint64_t le = htole64(v);

	put(r, &le, sizeof(le));
}

static void emit(struct torchzip *z, const void *data, size_t len)
{
	if (!z->rc && len)
		z->rc = z->write(z->arg, data, len);
	z->offset += len;
}

static void emit_record(struct torchzip *z, struct record *r)
{
	emit(z, r->data, r->len);
	r->len = 0;
}

/* What does not fit 32 bits is said to be all ones, and is in a field of its
 * own: sizes if they do not, the header's offset if it does not. */
static bool wide(uint64_t v)
{
	return v >= UINT32_MAX;
}

static uint64_t narrow(uint64_t v)
{
	return wide(v) ? UINT32_MAX : v;
}

static size_t wide_field_size(const struct torchzip_member *m)
{
	if (!wide(m->size) && !wide(m->offset))
		return 0;
	return 4u + (wide(m->size) ? 16 : 0) + (wide(m->offset) ? 8 : 0);
}

/* packed: the second size, of the bytes as they are in the file. */
static void put_wide_field(struct record *r, const struct torchzip_member *m,
			   uint64_t packed)
{
	if (!wide_field_size(m))
		return;
	put16(r, 1);
	put16(r, wide_field_size(m) - 4);
	if (wide(m->size)) {
		put64(r, m->size);
		put64(r, packed);
	}
	if (wide(m->offset))
		put64(r, m->offset);
}

static unsigned flags(const struct torchzip_member *m)
{
	return FLAG_UTF8 | (m->size ? FLAG_AFTER : 0);
}

void torchzip_init(struct torchzip *z,
		   int (*write)(void *arg, const void *data, size_t len),
		   void *arg)
{
	*z = (struct torchzip){ .write = write, .arg = arg };
}

/* An entry of the central directory, which is written in one piece. */
static void list(struct torchzip *z, const struct record *entry)
{
	if (z->directory_room - z->directory_len < entry->len) {
		size_t room = MAX(2 * z->directory_room, 4096);
		uint8_t *grown = realloc(z->directory, room);

		if (!grown) {
			z->rc = z->rc ? z->rc : -ENOMEM;
			return;
		}
		z->directory = grown;
		z->directory_room = room;
	}
	memcpy(z->directory + z->directory_len, entry->data, entry->len);
	z->directory_len += entry->len;
	z->members++;
}

static void list_member(struct torchzip *z)
{
	const struct torchzip_member *m = &z->member;
	struct record r = { 0 };

	put32(&r, 0x02014b50);
	put16(&r, 0);
	put16(&r, 0);
	put16(&r, flags(m));
	put16(&r, 0); /* stored */
	put32(&r, 0); /* no date */
	put32(&r, m->crc);
	put32(&r, narrow(m->size));
	put32(&r, narrow(m->size));
	put16(&r, strlen(m->name));
	put16(&r, wide_field_size(m));
	put16(&r, 0);
	put16(&r, 0);
	put16(&r, 0);
	put32(&r, 0);
	put32(&r, narrow(m->offset));
	put(&r, m->name, strlen(m->name));
	put_wide_field(&r, m, m->size);
	list(z, &r);
}

static void end_member(struct torchzip *z)
{
	const struct torchzip_member *m = &z->member;
	struct record r = { 0 };

	if (!z->open)
		return;
	z->open = false;
	if (m->size) {
		put32(&r, 0x08074b50);
		put32(&r, m->crc);
		for (int i = 0; i < 2; i++)
			if (wide_field_size(m))
				put64(&r, m->size);
			else
				put32(&r, m->size);
		emit_record(z, &r);
	}
	list_member(z);
}

void torchzip_begin(struct torchzip *z, const char *name, uint64_t size)
{
	struct torchzip_member *m = &z->member;
	struct record r = { 0 };
	uint64_t data;
	size_t pad;

	end_member(z);
	z->open = true;
	*m = (struct torchzip_member){ .offset = z->offset, .size = size };
	snprintf(m->name, sizeof(m->name), FOLDER "%s", name);
	/* A field "FB", which is for nothing, brings the data to its place. */
	data = m->offset + LOCAL_SIZE + strlen(m->name) + wide_field_size(m) +
	       4;
	pad = round_up(data, ALIGN) - data;

	put32(&r, 0x04034b50);
	put16(&r, 0);
	put16(&r, flags(m));
	put16(&r, 0); /* stored */
	put32(&r, 0); /* no date */
	put32(&r, 0); /* CRC and sizes come later */
	put32(&r, 0);
	put32(&r, 0);
	put16(&r, strlen(m->name));
	put16(&r, wide_field_size(m) + 4 + pad);
	emit_record(z, &r);
	emit(z, m->name, strlen(m->name));
	put_wide_field(&r, m, 0); /* it, too, comes later */
	emit_record(z, &r);
	put(&r, "FB", 2);
	put16(&r, pad);
	memset(r.data + r.len, 'Z', pad);
	r.len += pad;
	emit_record(z, &r);
}

int torchzip_data(struct torchzip *z, const void *data, size_t len)
{
	z->member.crc = crc_crc32(z->member.crc, data, len);
	emit(z, data, len);
	return z->rc;
}

void torchzip_add(struct torchzip *z, const char *name, const void *data,
		  size_t size)
{
	torchzip_begin(z, name, size);
	torchzip_data(z, data, size);
}

/* The ZIP64 records are there always. */
static void emit_ends(struct torchzip *z, uint64_t directory, uint64_t size)
{
	uint64_t end = z->offset, shown = MIN(z->members, UINT16_MAX);
	struct record r = { 0 };

	put32(&r, 0x06064b50);
	put64(&r, 44);
	put16(&r, 0x031e);
	put16(&r, 45);
	put32(&r, 0);
	put32(&r, 0);
	put64(&r, z->members);
	put64(&r, z->members);
	put64(&r, size);
	put64(&r, directory);
	emit_record(z, &r);

	put32(&r, 0x07064b50);
	put32(&r, 0);
	put64(&r, end);
	put32(&r, 1);
	emit_record(z, &r);

	put32(&r, 0x06054b50);
	put16(&r, 0);
	put16(&r, 0);
	put16(&r, shown);
	put16(&r, shown);
	put32(&r, narrow(size));
	put32(&r, narrow(directory));
	put16(&r, 0);
	emit_record(z, &r);
}

int torchzip_end(struct torchzip *z)
{
	uint64_t directory;

	end_member(z);
	directory = z->offset;
	emit(z, z->directory, z->directory_len);
	emit_ends(z, directory, z->directory_len);
	return z->rc;
}

void torchzip_clear(struct torchzip *z)
{
	free(z->directory);
	*z = (struct torchzip){ 0 };
}
