#include "train/unzip.h"

#include "base/le.h"

#include <string.h>

#define LOCAL_MAGIC 0x04034b50u
#define ENTRY_MAGIC 0x02014b50u
#define END_MAGIC 0x06054b50u
#define END64_MAGIC 0x06064b50u
#define LOCATOR_MAGIC 0x07064b50u

#define ENTRY_SIZE 46u /* of the central directory, without name … */
#define FLAG_ENCRYPTED 1u
#define EXTRA_ZIP64 1u

const char *unzip_parse_end(const uint8_t end[UNZIP_END_SIZE],
			    struct unzip_end *out)
{
	if (le_get32(end) != END_MAGIC || le_get16(end + 20) != 0)
		return "has no ZIP directory at its end: cut off, or no NPZ";
	out->dir_size = le_get32(end + 12);
	out->dir_offset = le_get32(end + 16);
	return NULL;
}

bool unzip_is_locator(const uint8_t locator[UNZIP_LOCATOR_SIZE])
{
	return le_get32(locator) == LOCATOR_MAGIC;
}

const char *unzip_parse_end64(const uint8_t end[UNZIP_END64_SIZE],
			      struct unzip_end *out)
{
	if (le_get32(end) != END64_MAGIC)
		return "has a ZIP64 locator that points nowhere";
	out->dir_size = le_get64(end + 40);
	out->dir_offset = le_get64(end + 48);
	return NULL;
}

/* Sizes that do not fit 32 bits are in an extra field, in this order, those
 * that are there. */
static bool apply_zip64(struct unzip_member *m, const uint8_t *extra,
			size_t len)
{
	uint64_t *const wide[] = { &m->size, &m->packed, &m->header_offset };

	while (len >= 4) {
		size_t field = le_get16(extra + 2);
		const uint8_t *at = extra + 4, *end = at + field;

		if (field > len - 4)
			return false;
		for (size_t i = 0; le_get16(extra) == EXTRA_ZIP64 && i < 3;
		     i++) {
			if (*wide[i] != UINT32_MAX)
				continue;
			if (end - at < 8)
				return false;
			*wide[i] = le_get64(at);
			at += 8;
		}
		extra += 4 + field;
		len -= 4 + field;
	}
	return true;
}

size_t unzip_entry(const uint8_t *dir, size_t len, const char **name,
		   size_t *name_len, struct unzip_member *out)
{
	size_t extra_len, all;

	if (len < ENTRY_SIZE || le_get32(dir) != ENTRY_MAGIC)
		return 0;
	*name = (const char *)dir + ENTRY_SIZE;
	*name_len = le_get16(dir + 28);
	extra_len = le_get16(dir + 30);
	all = ENTRY_SIZE + *name_len + extra_len + le_get16(dir + 32);
	if (all > len)
		return 0;
	out->flags = le_get16(dir + 8);
	out->method = le_get16(dir + 10);
	out->crc = le_get32(dir + 16);
	out->packed = le_get32(dir + 20);
	out->size = le_get32(dir + 24);
	out->header_offset = le_get32(dir + 42);
	if (!apply_zip64(out, dir + ENTRY_SIZE + *name_len, extra_len))
		return 0;
	return all;
}

const char *unzip_find(const uint8_t *dir, size_t len, const char *name,
		       struct unzip_member *out)
{
	while (len > 0) {
		const char *its;
		size_t its_len, entry;

		entry = unzip_entry(dir, len, &its, &its_len, out);
		if (!entry)
			return "has a damaged ZIP directory";
		if (its_len == strlen(name) && !memcmp(its, name, its_len))
			return NULL;
		dir += entry;
		len -= entry;
	}
	return "has not the member that it should";
}

const char *unzip_parse_local(const uint8_t local[UNZIP_LOCAL_SIZE],
			      size_t *name_len, size_t *extra_len)
{
	if (le_get32(local) != LOCAL_MAGIC)
		return "has a damaged ZIP header";
	*name_len = le_get16(local + 26);
	*extra_len = le_get16(local + 28);
	return NULL;
}

const char *unzip_check_stored(const struct unzip_member *m,
			       uint64_t data_offset, uint64_t file_size)
{
	if (m->method != 0 || (m->flags & FLAG_ENCRYPTED))
		return "is compressed or encrypted, which DLIO's files never "
		       "are";
	if (m->packed != m->size || data_offset > file_size ||
	    m->packed > file_size - data_offset)
		return "has a damaged ZIP directory";
	return NULL;
}

static const char *find_end(const uint8_t *file, size_t len,
			    struct unzip_end *end)
{
	const char *wrong;
	size_t tail = UNZIP_END_SIZE + UNZIP_LOCATOR_SIZE;

	if (len < UNZIP_END_SIZE)
		return "is too short for a ZIP file";
	wrong = unzip_parse_end(file + len - UNZIP_END_SIZE, end);
	if (wrong || len < tail || !unzip_is_locator(file + len - tail))
		return wrong;
	tail += UNZIP_END64_SIZE;
	if (len < tail)
		return "is too short for a ZIP64 file";
	return unzip_parse_end64(file + len - tail, end);
}

const char *unzip_locate(const uint8_t *file, size_t len, const char *name,
			 struct unzip_member *out, uint64_t *data_offset)
{
	size_t name_len, extra_len;
	struct unzip_end end;
	const char *wrong;

	wrong = find_end(file, len, &end);
	if (wrong)
		return wrong;
	if (end.dir_offset > len || end.dir_size > len - end.dir_offset)
		return "has its ZIP directory beyond its end";
	wrong = unzip_find(file + end.dir_offset, end.dir_size, name, out);
	if (wrong)
		return wrong;
	if (out->header_offset > len ||
	    len - out->header_offset < UNZIP_LOCAL_SIZE)
		return "has a damaged ZIP directory";
	wrong = unzip_parse_local(file + out->header_offset, &name_len,
				  &extra_len);
	if (wrong)
		return wrong;
	*data_offset =
		out->header_offset + UNZIP_LOCAL_SIZE + name_len + extra_len;
	return unzip_check_stored(out, *data_offset, len);
}
