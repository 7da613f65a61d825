/* numpy.load(file) of an array, as NumPy 1.24 does it: the header through
 * Python's buffer, then numpy.fromfile(), which reads through a FILE of the
 * C library on a copy of the descriptor. */
#include "train/reader_format.h"

#include <errno.h>
#include <string.h>

/* glibc takes st_blksize for the size of a FILE's buffer, but not more than
 * BUFSIZ. */
#define STDIO_MAX 8192u

/* No header of version 1 is longer. */
#define MAX_HEADER (64 * KIB + 16)

/* To r->image, where it is in the file. */
static int read_exactly(struct reader *r, size_t from, size_t n)
{
	ssize_t got = pyfile_read(r->py, r->image + from, n);

	if (got == (ssize_t)n)
		return 0;
	return reader_failed(r, got, pyfile_offset(r->py));
}

/* NumPy reads magic and version, the length of what follows, and that. */
static int read_header(struct reader *r, uint64_t size, struct reader_array *a)
{
	const uint8_t *at = r->image;
	size_t fixed = 10, length;
	int rc;

	rc = read_exactly(r, 0, 6);
	if (rc)
		return rc;
	if (memcmp(at, "\x93NUMPY", 6))
		return reader_wrong(r, "is no NPY file");
	pyfile_seek(r->py, 0);
	rc = read_exactly(r, 0, fixed);
	if (rc)
		return rc;
	length = (size_t)at[8] | (size_t)at[9] << 8;
	if (at[6] > 1) {
		rc = read_exactly(r, fixed, 2);
		if (rc)
			return rc;
		length |= (size_t)at[10] << 16 | (size_t)at[11] << 24;
		fixed += 2;
	}
	length = MIN(length, MAX_HEADER - fixed);
	rc = read_exactly(r, fixed, length);
	return rc ? rc : reader_parse(r, at, fixed + length, size, a);
}

/* One read of the FILE, to where it belongs in r->image.  0: it gave all of
 * want, or the file ended. */
static int read_piece(struct reader *r, struct source_file *f, uint64_t *offset,
		      uint64_t want)
{
	ssize_t got = source_read(f, r->image + *offset, want, *offset);

	if (got < 0)
		return reader_failed(r, got, *offset);
	*offset += (uint64_t)got;
	return 0;
}

/* fread() of the array.  The buffer is where its contents are in r->image:
 * nothing is copied. */
static int read_array(struct reader *r, struct source_file *f,
		      const struct reader_array *a)
{
	uint64_t stdio = f->blksize > 0 && f->blksize < STDIO_MAX ? f->blksize :
								    STDIO_MAX;
	uint64_t offset = round_down(a->data_offset, stdio);
	uint64_t part = a->data_offset - offset, again = offset;
	int rc = 0;

	/* fseek() to the array reads the part of a block before it, and
	 * numpy.fromfile()'s own fseek() the whole of that block. */
	if (part > 0)
		rc = read_piece(r, f, &again, part);
	if (!rc && part > 0)
		rc = read_piece(r, f, &offset, stdio);
	while (!rc && offset < f->size) {
		uint64_t left = f->size - offset, before = offset;

		rc = read_piece(r, f, &offset,
				left < stdio ? stdio : left - left % stdio);
		if (!rc && offset == before)
			return reader_failed(r, 0, offset);
	}
	return rc;
}

int reader_npy_read(struct reader *r, struct source_file *f)
{
	struct reader_array array = { 0 };
	int rc;

	/* Room for a whole buffer beyond the end, and for any header. */
	if (f->size > UINT64_MAX / 2)
		return reader_failed(r, -EFBIG, 0);
	rc = reader_reserve(r, MAX(f->size, MAX_HEADER) + 2 * STDIO_MAX);
	if (rc)
		return rc;
	rc = pyfile_open(r->py, f);
	if (rc)
		return reader_failed(r, rc, 0);
	rc = read_header(r, f->size, &array);
	if (rc)
		return rc;
	rc = read_array(r, f, &array);
	return rc ? rc : reader_check_whole(r, f->size);
}
