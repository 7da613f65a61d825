/* pandas.read_csv(file, header=None), as pandas 1.5 does it: pieces of 256 KiB
 * from the start to the end, each asked for until it is full or nothing is
 * left.  Compressed files, too, which DLIO writes and cannot read. */
#include "base/clock.h"
#include "data/archive.h"
#include "train/csvparse.h"
#include "train/reader_format.h"

#include <errno.h>
#include <inttypes.h>

#define PIECE (256 * KIB)

struct table {
	struct reader *r;
	struct source_file *f;
	uint64_t offset;
	struct reader_sum sum;
	struct squeeze *squeeze; /* if neither is there, it is plain text */
	struct archive *archive;
	struct csvparse parse;
	const char *wrong; /* with a row */
};

static int parse(void *arg, const void *text, size_t len)
{
	struct table *t = arg;

	t->wrong = csvparse_add(&t->parse, text, len);
	return t->wrong ? -EBADMSG : 0;
}

/* A full piece, but for the last; 0: there is no more. */
static int64_t read_piece(struct table *t)
{
	ssize_t got = source_read_all(t->f, t->r->image, PIECE, t->offset);

	if (got < 0)
		return reader_failed(t->r, got, t->offset);
	t->offset += (uint64_t)got;
	return got;
}

static int begin(struct table *t, size_t len)
{
	const char *method = squeeze_of(t->r->image, len);

	if (method)
		return squeeze_new(method, SQUEEZE_EXPAND, parse, t,
				   &t->squeeze);
	method = archive_of(t->r->image, len);
	return method ? archive_new(method, SQUEEZE_EXPAND, 0, parse, t,
				    &t->archive) :
			0;
}

static int parse_piece(struct table *t, size_t len)
{
	int rc = 0;

	if (t->offset == len)
		rc = begin(t, len);
	if (rc)
		return rc;
	if (t->archive)
		return archive_add(t->archive, t->r->image, len);
	return t->squeeze ? squeeze_add(t->squeeze, t->r->image, len) :
			    parse(t, t->r->image, len);
}

static int parse_end(struct table *t)
{
	int rc = t->squeeze ? squeeze_end(t->squeeze) : 0;

	if (t->archive)
		rc = archive_end(t->archive);
	if (rc)
		return rc;
	t->wrong = csvparse_end(&t->parse);
	return t->wrong ? -EBADMSG : 0;
}

static int say(struct table *t, int rc)
{
	if (t->wrong)
		return reader_wrong_in(t->r, "row %" PRIu64 " %s",
				       t->parse.rows + 1, t->wrong);
	if (rc == -EBADMSG)
		return reader_wrong(t->r, "is compressed, and damaged");
	return reader_failed(t->r, rc, t->offset);
}

/* To the end of the file. */
static int read_table(struct table *t)
{
	int64_t got;

	while ((got = read_piece(t)) > 0) {
		uint64_t from_ns;
		int rc;

		reader_add(&t->sum, t->r->image, (size_t)got);
		from_ns = clock_ns();
		rc = parse_piece(t, (size_t)got);
		t->r->check_ns += clock_ns() - from_ns;
		if (rc)
			return say(t, rc);
	}
	if (got == 0)
		got = parse_end(t);
	else
		return (int)got;
	return got ? say(t, (int)got) : 0;
}

static int check_table(struct table *t)
{
	int rc = reader_check_sum(&t->sum);

	if (!rc && t->parse.rows <= t->r->file->sample)
		rc = reader_wrong_in(t->r,
				     "has %" PRIu64 " rows, and not the one of "
				     "sample %" PRIu64,
				     t->parse.rows, t->r->file->sample);
	return rc;
}

int reader_csv_read(struct reader *r, struct source_file *f)
{
	struct table t = { .r = r, .f = f, .sum.reader = r };
	int rc = reader_reserve(r, PIECE);

	if (rc)
		return rc;
	csvparse_init(&t.parse);
	rc = read_table(&t);
	squeeze_free(t.squeeze);
	archive_free(t.archive);
	return rc ? rc : check_table(&t);
}
