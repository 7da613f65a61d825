/* DLIO's O_DIRECT readers: one read of the whole file, rounded up to whole
 * blocks, into an aligned buffer, and the rest in memory. */
#include "train/reader_format.h"
#include "train/unzip.h"

#include <errno.h>

static int read_whole(struct reader *r, struct source_file *f)
{
	uint64_t offset = 0, len;
	int rc;

	if (f->size == 0)
		return reader_wrong(r, "is empty");
	if (f->size > UINT64_MAX / 2)
		return reader_failed(r, -EFBIG, 0);
	len = round_up(f->size, READER_ALIGN);
	rc = reader_reserve(r, len);
	if (rc)
		return rc;
	/* Linux moves no more than 2 GiB - 4 KiB at once, where DLIO fails. */
	while (offset < f->size) {
		ssize_t got =
			source_read(f, r->image + offset, len - offset, offset);

		if (got <= 0)
			return reader_failed(r, got, offset);
		offset += (uint64_t)got;
	}
	return 0;
}

int reader_direct_npz(struct reader *r, struct source_file *f)
{
	struct reader_sum sum = { .reader = r };
	struct unzip_member zip;
	uint64_t offset;
	struct reader_array array = { 0 };
	const char *wrong;
	int rc;

	rc = read_whole(r, f);
	if (rc)
		return rc;
	wrong = unzip_locate(r->image, f->size, "x.npy", &zip, &offset);
	if (wrong)
		return reader_wrong(r, wrong);
	rc = reader_parse(r, r->image + offset, zip.size, zip.size, &array);
	if (rc)
		return rc;
	reader_add(&sum, r->image + offset, zip.size);
	if (r->check && sum.crc != zip.crc)
		return reader_wrong(r, "is damaged: the CRC-32 of x.npy is not "
				       "the one in its directory");
	return 0;
}

int reader_direct_npy(struct reader *r, struct source_file *f)
{
	struct reader_array array = { 0 };
	int rc;

	rc = read_whole(r, f);
	if (rc)
		return rc;
	rc = reader_parse(r, r->image, f->size, f->size, &array);
	return rc ? rc : reader_check_whole(r, f->size);
}
