/* numpy.load(file)["x"], as NumPy 1.24 and CPython 3.11's zipfile do it. */
#include "train/reader_format.h"
#include "train/unzip.h"

#include <string.h>

#define MEMBER "x.npy"

/* zipfile.ZipExtFile.MIN_READ_SIZE; numpy.lib.format.BUFFER_SIZE. */
#define MEMBER_MIN_READ 4096u
#define ARRAY_PIECE ((uint64_t)1 << 18)

/* Directories of honest files have two entries. */
#define MAX_DIRECTORY (16 * MIB)

/* A member being read (zipfile.ZipExtFile). */
struct member {
	struct reader *r;
	uint64_t offset; /* in the file, of what was not read yet */
	uint64_t left;	 /* bytes of that */
	uint64_t have;	 /* read, and not consumed */
	struct reader_sum sum;
};

static int read_exactly(struct reader *r, void *out, size_t n)
{
	ssize_t got = pyfile_read(r->py, out, n);

	if (got == (ssize_t)n)
		return 0;
	return reader_failed(r, got, pyfile_offset(r->py));
}

/* NumPy looks at the first bytes to tell an archive from an array. */
static int read_magic(struct reader *r)
{
	uint8_t magic[6];
	int rc = read_exactly(r, magic, sizeof(magic));

	if (rc)
		return rc;
	if (memcmp(magic, "PK\3\4", 4))
		return reader_wrong(r, "is no NPZ file");
	pyfile_seek(r->py, 0);
	return 0;
}

static int read_end64(struct reader *r, uint64_t size, struct unzip_end *end)
{
	uint64_t tail = UNZIP_END_SIZE + UNZIP_LOCATOR_SIZE;
	uint8_t locator[UNZIP_LOCATOR_SIZE], end64[UNZIP_END64_SIZE];
	const char *wrong;
	int rc;

	if (size < tail)
		return 0;
	pyfile_seek_end(r->py, size - tail);
	rc = read_exactly(r, locator, sizeof(locator));
	if (rc || !unzip_is_locator(locator))
		return rc;
	tail += UNZIP_END64_SIZE;
	if (size < tail)
		return reader_wrong(r, "is too short for a ZIP64 file");
	pyfile_seek_end(r->py, size - tail);
	rc = read_exactly(r, end64, sizeof(end64));
	if (rc)
		return rc;
	wrong = unzip_parse_end64(end64, end);
	return wrong ? reader_wrong(r, wrong) : 0;
}

static int read_end(struct reader *r, uint64_t size, struct unzip_end *end)
{
	uint8_t bytes[UNZIP_END_SIZE + 1];
	const char *wrong;
	ssize_t got;

	if (size < UNZIP_END_SIZE)
		return reader_wrong(r, "is too short for a ZIP file");
	pyfile_seek_end(r->py, size - UNZIP_END_SIZE);
	got = pyfile_read_all(r->py, bytes, UNZIP_END_SIZE);
	if (got < 0)
		return reader_failed(r, got, pyfile_offset(r->py));
	if (got != UNZIP_END_SIZE)
		return reader_wrong(r, "changed while it was read");
	wrong = unzip_parse_end(bytes, end);
	return wrong ? reader_wrong(r, wrong) : read_end64(r, size, end);
}

static int read_directory(struct reader *r, uint64_t size,
			  struct unzip_member *out)
{
	struct unzip_end end = { 0 };
	const char *wrong;
	int rc;

	rc = read_end(r, size, &end);
	if (rc)
		return rc;
	if (end.dir_offset > size || end.dir_size > size - end.dir_offset ||
	    end.dir_size > MAX_DIRECTORY)
		return reader_wrong(r, "has a damaged ZIP directory");
	rc = reader_reserve(r, end.dir_size);
	if (rc)
		return rc;
	pyfile_seek(r->py, end.dir_offset);
	rc = read_exactly(r, r->image, end.dir_size);
	if (rc)
		return rc;
	wrong = unzip_find(r->image, end.dir_size, MEMBER, out);
	return wrong ? reader_wrong(r, wrong) : 0;
}

/* ZipFile.open(): the local header again, every time. */
static int open_member(struct reader *r, const struct unzip_member *zip,
		       uint64_t file_size, struct member *m)
{
	uint8_t local[UNZIP_LOCAL_SIZE];
	char name[sizeof(MEMBER) - 1];
	size_t name_len, extra_len;
	const char *wrong;
	int64_t got;
	int rc;

	*m = (struct member){ .r = r, .left = zip->packed };
	m->sum.reader = r;
	pyfile_seek(r->py, zip->header_offset);
	rc = read_exactly(r, local, sizeof(local));
	if (rc)
		return rc;
	wrong = unzip_parse_local(local, &name_len, &extra_len);
	if (!wrong && name_len != sizeof(name))
		wrong = "has a damaged ZIP header";
	if (wrong)
		return reader_wrong(r, wrong);
	rc = read_exactly(r, name, sizeof(name));
	if (rc)
		return rc;
	got = pyfile_read_past(r->py, extra_len, NULL, NULL);
	if (got != (int64_t)extra_len)
		return reader_failed(r, got, pyfile_offset(r->py));
	m->offset = zip->header_offset + sizeof(local) + name_len + extra_len;
	wrong = memcmp(name, MEMBER, sizeof(name)) ?
			"has a damaged ZIP header" :
			unzip_check_stored(zip, m->offset, file_size);
	return wrong ? reader_wrong(r, wrong) : 0;
}

/* Make n bytes, or all that are left, available. */
static int fetch(struct member *m, uint64_t n, uint8_t *out)
{
	struct pyfile *py = m->r->py;
	uint64_t want = MIN(MAX(n, MEMBER_MIN_READ), m->left);
	int64_t got;

	pyfile_seek(py, m->offset);
	if (out) {
		got = pyfile_read(py, out, want);
		if (got > 0)
			reader_add(&m->sum, out, (size_t)got);
	} else {
		got = pyfile_read_past(py, want, reader_add, &m->sum);
	}
	if (got != (int64_t)want)
		return reader_failed(m->r, got, pyfile_offset(py));
	m->offset += want;
	m->left -= want;
	m->have += want;
	return 0;
}

/* ZipExtFile.read(n): what is there already goes first.  The caller has seen
 * to it that the member is long enough. */
static int consume(struct member *m, uint64_t n)
{
	if (n > m->have) {
		int rc = fetch(m, n - m->have, NULL);

		if (rc)
			return rc;
	}
	m->have -= n;
	return 0;
}

/* numpy.lib.format.read_array() of something that is no plain file. */
static int read_array(struct member *m, const struct reader_array *a)
{
	uint64_t piece =
		MAX(round_down(ARRAY_PIECE, a->item_bytes), a->item_bytes);
	int rc = consume(m, a->data_offset);

	for (uint64_t left = a->data_bytes; left > 0 && !rc;) {
		uint64_t n = MIN(left, piece);

		rc = consume(m, n);
		left -= n;
	}
	return rc;
}

int reader_npz_read(struct reader *r, struct source_file *f)
{
	uint8_t start[MEMBER_MIN_READ];
	struct unzip_member zip = { 0 };
	struct reader_array array = { 0 };
	struct member m;
	int rc;

	rc = pyfile_open(r->py, f);
	if (rc)
		return reader_failed(r, rc, 0);
	rc = read_magic(r);
	if (rc)
		return rc;
	rc = read_directory(r, f->size, &zip);
	if (rc)
		return rc;

	/* NpzFile opens a member to see what it is, and again to read it. */
	for (int i = 0; i < 2; i++) {
		rc = open_member(r, &zip, f->size, &m);
		if (rc)
			return rc;
		rc = fetch(&m, 0, start);
		if (rc)
			return rc;
	}
	rc = reader_parse(r, start, m.have, zip.size, &array);
	if (rc)
		return rc;
	rc = read_array(&m, &array);
	if (rc)
		return rc;
	if (r->check && m.sum.crc != zip.crc)
		return reader_wrong(r, "is damaged: the CRC-32 of " MEMBER
				       " is not the one in its directory");
	return 0;
}
