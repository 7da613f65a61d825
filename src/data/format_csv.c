/* DataFrame.to_csv() of pandas: a row of numbers for each sample, the same in
 * all rows, no header.
 *
 * With a compression the whole file is compressed and keeps its name, as with
 * DLIO, whose reader then cannot read it; ours can. */
#include "data/format.h"

#include "base/log.h"
#include "data/archive.h"
#include "data/draw.h"
#include "data/numtext.h"
#include "data/squeeze.h"

#include <errno.h>
#include <string.h>

/* Rows no longer than this are made once and then repeated. */
#define TEXT_BYTES (256 * KIB)

struct text {
	const struct dataset_file *file;
	struct format_sink *sink;
	numtext_fn *number;
	struct draw draw;
	bool cut; /* the row did not fit: text has its end only */
	size_t len;
	char text[TEXT_BYTES];
};

static int put_text(struct text *t)
{
	return t->len ? format_put(t->sink, t->text, t->len) : 0;
}

/* The one row of a file, but for what is left in text. */
static int make_row(struct text *t)
{
	const struct dataset_file *f = t->file;
	struct payload_span span = format_random(f, 1, 0, f->record_bytes);
	size_t size = f->dtype->size;

	draw_init(&t->draw, f->payload, &span);
	t->len = 0;
	for (uint64_t left = span.len; left > 0; left -= size) {
		unsigned char number[16];

		if (TEXT_BYTES - t->len <= NUMTEXT_MAX) {
			int rc = put_text(t);

			if (rc)
				return rc;
			t->len = 0;
			t->cut = true;
		}
		draw_bytes(&t->draw, number, size);
		t->len += t->number(number, t->text + t->len);
		t->text[t->len++] = left > size ? ',' : '\n';
	}
	return 0;
}

static int put_rows(const struct dataset_file *f, struct format_sink *out)
{
	AUTO_FREE struct text *t = malloc(sizeof(*t));
	int rc = 0;

	if (!t)
		return -ENOMEM;
	t->file = f;
	t->sink = out;
	t->number = numtext_of(f->dtype);
	t->cut = false;
	for (uint64_t i = 0; i < f->samples && !rc; i++) {
		if (i == 0 || t->cut)
			rc = make_row(t);
		if (!rc)
			rc = put_text(t);
	}
	return rc;
}

/* ---- Compressed ---- */

struct packing {
	struct format_sink sink;
	struct squeeze *squeeze;
};

static int add(struct format_sink *s, const void *data, size_t len)
{
	return squeeze_add(CONTAINER_OF(s, struct packing, sink)->squeeze, data,
			   len);
}

/* An archive of them begins with their length: they are made twice. */
struct counting {
	struct format_sink sink;
	uint64_t bytes;
};

static int count(struct format_sink *s, const void *data, size_t len)
{
	(void)data;
	CONTAINER_OF(s, struct counting, sink)->bytes += len;
	return 0;
}

struct archiving {
	struct format_sink sink;
	struct archive *archive;
};

static int put_in(struct format_sink *s, const void *data, size_t len)
{
	return archive_add(CONTAINER_OF(s, struct archiving, sink)->archive,
			   data, len);
}

static int put_packed(void *sink, const void *data, size_t len)
{
	return format_put(sink, data, len);
}

static int put_archive(const struct dataset_file *f, struct format_sink *out)
{
	struct counting c = { .sink.take = count };
	struct archiving a = { .sink.take = put_in };
	int rc = put_rows(f, &c.sink);

	if (!rc)
		rc = archive_new(f->layout->compression, SQUEEZE_PACK, c.bytes,
				 put_packed, out, &a.archive);
	if (!rc)
		rc = put_rows(f, &a.sink);
	if (!rc)
		rc = archive_end(a.archive);
	archive_free(a.archive);
	return rc;
}

static int csv_encode(const struct dataset_file *f, struct format_sink *out)
{
	struct packing p = { .sink.take = add };
	int rc;

	if (!f->layout->compression)
		return put_rows(f, out);
	if (archive_knows(f->layout->compression))
		return put_archive(f, out);
	rc = squeeze_new(f->layout->compression, SQUEEZE_PACK, put_packed, out,
			 &p.squeeze);
	if (!rc)
		rc = put_rows(f, &p.sink);
	if (!rc)
		rc = squeeze_end(p.squeeze);
	squeeze_free(p.squeeze);
	return rc;
}

static int csv_check(const struct dataset_file *f)
{
	if (!numtext_of(f->dtype))
		return log_invalid(
			"record_element_type: %s: csv has no complex "
			"numbers",
			f->dtype->name);
	if (f->layout->compression && !squeeze_knows(f->layout->compression) &&
	    !archive_knows(f->layout->compression))
		return log_invalid("dataset.compression: %s: csv can be "
				   "compressed by gzip, bz2, zip, xz, zstd or "
				   "tar",
				   f->layout->compression);
	return 0;
}

static void csv_describe(const struct dataset_file *f, FILE *out)
{
	if (f->layout->compression)
		fprintf(out, " compression=%s", f->layout->compression);
}

const struct format format_csv = {
	.name = "csv",
	.encode = csv_encode,
	.check = csv_check,
	.describe = csv_describe,
};
