#include "data/zipout.h"

#include <string.h>

/* From here on sizes and offsets go into ZIP64 fields.  The format would have
 * room for twice as much; zipfile does not use it. */
#define LIMIT (((uint64_t)1 << 31) - 1)
#define SEE_ZIP64 0xffffffffU

#define VERSION 20 /* needed to read it */
#define VERSION_ZIP64 45
#define MADE_BY_UNIX 3
#define DATE_1980_01_01 (1 << 5 | 1)
#define EXTERNAL_ATTRIBUTES (0600U << 16) /* the mode, in the upper half */
#define TAG_ZIP64 1

struct record {
	unsigned char *buf; /* NULL: count only */
	size_t len;
};

static void put(struct record *r, unsigned bytes, uint64_t value)
{
	for (unsigned i = 0; i < bytes; i++, value >>= 8, r->len++)
		if (r->buf)
			r->buf[r->len] = (unsigned char)value;
}

static void put_name(struct record *r, const char *name)
{
	size_t len = strlen(name);

	if (r->buf)
		memcpy(r->buf + r->len, name, len);
	r->len += len;
}

/* What local and central headers have in common. */
static void put_common(struct record *r, const struct zipout_member *m,
		       unsigned version, size_t extra_len)
{
	uint64_t size = m->size > LIMIT ? SEE_ZIP64 : m->size;

	put(r, 2, version);
	put(r, 2, 0); /* flags */
	put(r, 2, 0); /* stored */
	put(r, 2, 0); /* 00:00:00 */
	put(r, 2, DATE_1980_01_01);
	put(r, 4, m->crc);
	put(r, 4, size); /* compressed */
	put(r, 4, size);
	put(r, 2, strlen(m->name));
	put(r, 2, extra_len);
}

size_t zipout_local_header(const struct zipout_member *m, unsigned char *buf)
{
	struct record r = { buf, 0 };

	put(&r, 4, 0x04034b50);
	put_common(&r, m, m->size > LIMIT ? VERSION_ZIP64 : VERSION, 20);
	put_name(&r, m->name);
	put(&r, 2, TAG_ZIP64);
	put(&r, 2, 16);
	put(&r, 8, m->size);
	put(&r, 8, m->size);
	return r.len;
}

size_t zipout_central_header(const struct zipout_member *m, unsigned char *buf)
{
	bool big = m->size > LIMIT, far = m->offset > LIMIT;
	unsigned version = big || far ? VERSION_ZIP64 : VERSION;
	unsigned zip64_len = (big ? 16 : 0) + (far ? 8 : 0);
	struct record r = { buf, 0 };

	put(&r, 4, 0x02014b50);
	put(&r, 1, version); /* of the specification it was made by */
	put(&r, 1, MADE_BY_UNIX);
	put_common(&r, m, version, zip64_len ? 4 + zip64_len : 0);
	put(&r, 2, 0); /* comment */
	put(&r, 2, 0); /* disk */
	put(&r, 2, 0); /* internal attributes */
	put(&r, 4, EXTERNAL_ATTRIBUTES);
	put(&r, 4, far ? SEE_ZIP64 : m->offset);
	put_name(&r, m->name);
	if (zip64_len) {
		put(&r, 2, TAG_ZIP64);
		put(&r, 2, zip64_len);
	}
	if (big) {
		put(&r, 8, m->size);
		put(&r, 8, m->size);
	}
	if (far)
		put(&r, 8, m->offset);
	return r.len;
}

static void put_zip64_end(struct record *r, uint64_t members, uint64_t offset,
			  uint64_t len)
{
	put(r, 4, 0x06064b50);
	put(r, 8, 44); /* of what follows */
	put(r, 2, VERSION_ZIP64);
	put(r, 2, VERSION_ZIP64);
	put(r, 4, 0); /* disk */
	put(r, 4, 0);
	put(r, 8, members);
	put(r, 8, members);
	put(r, 8, len);
	put(r, 8, offset);

	put(r, 4, 0x07064b50); /* where the above is */
	put(r, 4, 0);
	put(r, 8, offset + len);
	put(r, 4, 1); /* disks */
}

size_t zipout_end(uint64_t members, uint64_t offset, uint64_t len,
		  unsigned char *buf)
{
	struct record r = { buf, 0 };

	if (offset > LIMIT)
		put_zip64_end(&r, members, offset, len);
	put(&r, 4, 0x06054b50);
	put(&r, 2, 0); /* disk */
	put(&r, 2, 0);
	put(&r, 2, members);
	put(&r, 2, members);
	put(&r, 4, len);
	/* Not SEE_ZIP64 while it fits: so zipfile does it. */
	put(&r, 4, MIN(offset, 0xffffffffU));
	put(&r, 2, 0); /* comment */
	return r.len;
}
