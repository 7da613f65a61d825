#include "data/archive.h"

#include "base/crc.h"
#include "data/zipout.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define MEMBER "data.csv"
#define LOCAL_SIZE 30u
#define BLOCK 512u
#define TAR_PIECE (20 * BLOCK) /* tar's own unit: files are multiples of it */

struct archive {
	const struct method *method;
	enum squeeze_way way;
	squeeze_fn *to;
	void *arg;
	struct squeeze *squeeze; /* zip */
	uint64_t size, packed;	 /* bytes of the file, and in the archive */
	uint32_t crc;

	/* Expanding: the header, and how much of what follows is skipped. */
	unsigned char header[BLOCK];
	size_t have, skip;
	uint64_t left; /* of the file, in tar */
};

/* begin() and end() write what is around the file; open() reads the header. */
struct method {
	const char *name;
	size_t header;
	bool deflates;
	int (*begin)(struct archive *a);
	int (*add)(struct archive *a, const void *data, size_t len);
	int (*end)(struct archive *a);
	int (*open)(struct archive *a);
	int (*expand)(struct archive *a, const void *data, size_t len);
	int (*close)(struct archive *a);
};

static int put(struct archive *a, const void *data, size_t len)
{
	return a->to(a->arg, data, len);
}

static void le(unsigned char **at, uint64_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		*(*at)++ = (unsigned char)(value >> 8 * i);
}

static uint32_t read_le(const unsigned char *at, unsigned bytes)
{
	uint32_t value = 0;

	for (unsigned i = 0; i < bytes; i++)
		value |= (uint32_t)at[i] << 8 * i;
	return value;
}

/* ---- zip ---- */

#define ZIP_LOCAL 0x04034b50
#define ZIP_CENTRAL 0x02014b50
#define ZIP_DESCRIPTOR 0x08074b50
#define ZIP_DEFLATED 8
#define ZIP_LATER 8 /* flag: sizes and CRC come behind the file */
#define ZIP_1980 0x21
#define ZIP_IN_64 UINT32_MAX

/* What local and central headers share; sizes are in the ZIP64 field. */
static void zip_common(unsigned char **at, uint32_t crc)
{
	le(at, 45, 2); /* version needed: ZIP64 */
	le(at, ZIP_LATER, 2);
	le(at, ZIP_DEFLATED, 2);
	le(at, 0, 2);
	le(at, ZIP_1980, 2);
	le(at, crc, 4);
	le(at, ZIP_IN_64, 4);
	le(at, ZIP_IN_64, 4);
	le(at, strlen(MEMBER), 2);
	le(at, 20, 2); /* bytes of the ZIP64 field */
}

static void zip_name(unsigned char **at)
{
	memcpy(*at, MEMBER, strlen(MEMBER));
	*at += strlen(MEMBER);
}

static void zip_sizes(const struct archive *a, unsigned char **at)
{
	le(at, 1, 2);
	le(at, 16, 2);
	le(at, a->size, 8);
	le(at, a->packed, 8);
}

static int zip_begin(struct archive *a)
{
	unsigned char header[128], *at = header;

	le(&at, ZIP_LOCAL, 4);
	zip_common(&at, 0);
	zip_name(&at);
	zip_sizes(a, &at);
	return put(a, header, (size_t)(at - header));
}

static int zip_packed(void *arg, const void *data, size_t len)
{
	struct archive *a = arg;

	a->packed += len;
	return put(a, data, len);
}

static int zip_add(struct archive *a, const void *data, size_t len)
{
	a->crc = crc_crc32(a->crc, data, len);
	a->size += len;
	return squeeze_add(a->squeeze, data, len);
}

static int zip_end(struct archive *a)
{
	const size_t local = LOCAL_SIZE + strlen(MEMBER) + 20;
	unsigned char tail[256], *at = tail, *central;
	int rc = squeeze_end(a->squeeze);

	if (rc)
		return rc;
	le(&at, ZIP_DESCRIPTOR, 4);
	le(&at, a->crc, 4);
	le(&at, a->packed, 8);
	le(&at, a->size, 8);
	central = at;
	le(&at, ZIP_CENTRAL, 4);
	le(&at, 3 << 8 | 45, 2); /* made by Unix */
	zip_common(&at, a->crc);
	le(&at, 0, 6);
	le(&at, (uint64_t)0600 << 16, 4);
	le(&at, 0, 4); /* where its local header is */
	zip_name(&at);
	zip_sizes(a, &at);
	at += zipout_end(1, local + a->packed + (uint64_t)(central - tail),
			 (uint64_t)(at - central), at);
	return put(a, tail, (size_t)(at - tail));
}

static int zip_open(struct archive *a)
{
	if (read_le(a->header, 4) != ZIP_LOCAL ||
	    read_le(a->header + 8, 2) != ZIP_DEFLATED)
		return -EBADMSG;
	a->skip = read_le(a->header + 26, 2) + read_le(a->header + 28, 2);
	return 0;
}

static int zip_expand(struct archive *a, const void *data, size_t len)
{
	return squeeze_add(a->squeeze, data, len);
}

static int zip_close(struct archive *a)
{
	return squeeze_end(a->squeeze);
}

/* ---- tar ---- */

static void tar_size(const struct archive *a, char field[12])
{
	if (a->size < (uint64_t)1 << 33) {
		snprintf(field, 12, "%011" PRIo64, a->size);
		return;
	}
	field[0] = (char)0x80; /* GNU's and Python's way: a binary number */
	for (unsigned i = 0; i < 8; i++)
		field[11 - i] = (char)(a->size >> 8 * i);
}

static int tar_begin(struct archive *a)
{
	static const char magic[] = { 'u', 's', 't', 'a', 'r', 0, '0', '0' };
	char header[BLOCK] = MEMBER;
	unsigned sum = 0;

	snprintf(header + 100, 8, "%07o", 0644u);
	snprintf(header + 108, 8, "%07o", 0u); /* nobody's in particular */
	snprintf(header + 116, 8, "%07o", 0u);
	tar_size(a, header + 124);
	snprintf(header + 136, 12, "%011o", 0u);
	memset(header + 148, ' ', 8);
	header[156] = '0';
	memcpy(header + 257, magic, sizeof(magic));
	for (size_t i = 0; i < BLOCK; i++)
		sum += (unsigned char)header[i];
	snprintf(header + 148, 8, "%06o", sum);
	a->left = a->size;
	return put(a, header, BLOCK);
}

static int tar_add(struct archive *a, const void *data, size_t len)
{
	if (len > a->left)
		return -EINVAL;
	a->left -= len;
	return put(a, data, len);
}

/* Two empty blocks, and more to a full piece. */
static int tar_end(struct archive *a)
{
	static const char zeros[TAR_PIECE + 3 * BLOCK];
	uint64_t used = BLOCK + round_up(a->size, BLOCK) + 2 * BLOCK;
	uint64_t padded = round_up(used, TAR_PIECE) - BLOCK - a->size;

	return a->left ? -EINVAL : put(a, zeros, (size_t)padded);
}

static bool is_octal(unsigned char c)
{
	return c >= '0' && c <= '7';
}

static int tar_open(struct archive *a)
{
	const unsigned char *field = a->header + 124;

	if (memcmp(a->header + 257, "ustar", 5) != 0)
		return -EBADMSG;
	a->left = 0;
	if (field[0] == 0x80)
		for (unsigned i = 4; i < 12; i++)
			a->left = a->left << 8 | field[i];
	else
		for (unsigned i = 0; i < 12 && is_octal(field[i]); i++)
			a->left = a->left << 3 | (unsigned)(field[i] - '0');
	return 0;
}

static int tar_expand(struct archive *a, const void *data, size_t len)
{
	size_t n = MIN(len, a->left);

	a->left -= n;
	return n ? put(a, data, n) : 0;
}

static int tar_close(struct archive *a)
{
	return a->left ? -EBADMSG : 0;
}

/* ---- Both ---- */

static const struct method methods[] = {
	{ "zip", LOCAL_SIZE, true, zip_begin, zip_add, zip_end, zip_open,
	  zip_expand, zip_close },
	{ "tar", BLOCK, false, tar_begin, tar_add, tar_end, tar_open,
	  tar_expand, tar_close },
};

static const struct method *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(methods); i++)
		if (!strcmp(name, methods[i].name))
			return &methods[i];
	return NULL;
}

bool archive_knows(const char *method)
{
	return find(method);
}

const char *archive_of(const void *start, size_t len)
{
	const unsigned char *at = start;

	if (len >= 4 && read_le(at, 4) == ZIP_LOCAL)
		return "zip";
	return len >= BLOCK && !memcmp(at + 257, "ustar", 5) ? "tar" : NULL;
}

static int start(struct archive *a)
{
	bool pack = a->way == SQUEEZE_PACK;

	if (a->method->deflates) {
		int rc = squeeze_new("deflate", a->way,
				     pack ? zip_packed : a->to,
				     pack ? a : a->arg, &a->squeeze);

		a->size = 0; /* as it comes */
		if (rc)
			return rc;
	}
	return pack ? a->method->begin(a) : 0;
}

int archive_new(const char *method, enum squeeze_way way, uint64_t size,
		squeeze_fn *to, void *arg, struct archive **out)
{
	const struct method *m = find(method);
	struct archive *a;
	int rc;

	*out = NULL;
	if (!m)
		return -EINVAL;
	a = calloc(1, sizeof(*a));
	if (!a)
		return -ENOMEM;
	a->method = m;
	a->way = way;
	a->size = size;
	a->to = to;
	a->arg = arg;
	rc = start(a);
	if (rc) {
		archive_free(a);
		return rc;
	}
	*out = a;
	return 0;
}

void archive_free(struct archive *a)
{
	if (!a)
		return;
	squeeze_free(a->squeeze);
	free(a);
}

/* Of len bytes, those that are header, or skipped; or an error. */
static ssize_t take_header(struct archive *a, const void *data, size_t len)
{
	size_t n = MIN(len, a->method->header - a->have);
	int rc = 0;

	if (n > 0) {
		memcpy(a->header + a->have, data, n);
		a->have += n;
		if (a->have == a->method->header)
			rc = a->method->open(a);
		return rc ? rc : (ssize_t)n;
	}
	n = MIN(len, a->skip);
	a->skip -= n;
	return (ssize_t)n;
}

int archive_add(struct archive *a, const void *data, size_t len)
{
	if (a->way == SQUEEZE_PACK)
		return len ? a->method->add(a, data, len) : 0;
	while (len > 0) {
		ssize_t n = take_header(a, data, len);

		if (n < 0)
			return (int)n;
		if (n == 0)
			return a->method->expand(a, data, len);
		data = (const char *)data + n;
		len -= (size_t)n;
	}
	return 0;
}

int archive_end(struct archive *a)
{
	if (a->way == SQUEEZE_PACK)
		return a->method->end(a);
	if (a->have < a->method->header || a->skip)
		return -EBADMSG;
	return a->method->close(a);
}
