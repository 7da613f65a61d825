/* Parquet as MLPerf's DLIO writes it by pyarrow: row groups of columns, each a
 * scalar or a list of a fixed size, in data pages of version 1.
 *
 * Numbers of one byte are indexes into a dictionary of all 256, and so take a
 * byte each, as pyarrow's do; Parquet has no smaller integer than 32 bits.
 * Others are plain.  (pyarrow begins a dictionary for those, too, and gives it
 * up at a megabyte.)  Pages have checksums, which pyarrow's have not. */
#include "data/format.h"

#include "base/log.h"
#include "data/codec.h"
#include "data/parquetpages.h"
#include "data/parquetvalues.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define DEFAULT_GROUP 1024 /* rows */

struct writer {
	const struct dataset_file *file;
	struct parquetpages pages;
	struct parquetpages_column *columns;
	size_t n_columns;
	uint64_t group_rows, batch_rows;

	/* For the footer. */
	struct parquet_chunk *chunks;
	uint64_t *rows;
	size_t n_groups;
};

static uint64_t default_one(uint64_t n, uint64_t otherwise)
{
	return n ? n : otherwise;
}

/* ---- Row groups, the file ---- */

/* Of all the file's row groups, so many; this is the next. */
static int put_column(struct writer *w, size_t number, uint64_t groups,
		      uint64_t rows, struct parquet_chunk *chunk)
{
	const struct parquetpages_column *c = &w->columns[number];
	struct payload_span span =
		format_random(w->file, groups * w->n_columns,
			      w->n_groups * w->n_columns + number,
			      parquetpages_payload(c, rows));

	return parquetpages_chunk(&w->pages, c, &span, rows, chunk);
}

static int put_group(struct writer *w, uint64_t groups, uint64_t rows)
{
	struct parquet_chunk *chunks = w->chunks + w->n_groups * w->n_columns;
	int rc = 0;

	for (size_t c = 0; c < w->n_columns && !rc; c++)
		rc = put_column(w, c, groups, rows, &chunks[c]);
	w->rows[w->n_groups++] = rows;
	return rc;
}

static uint64_t groups_of(uint64_t rows, const struct writer *w)
{
	return (rows + w->group_rows - 1) / w->group_rows;
}

/* Each batch of rows is written for itself, and ends a row group. */
static uint64_t all_groups(const struct writer *w)
{
	uint64_t samples = w->file->samples;

	return samples / w->batch_rows * groups_of(w->batch_rows, w) +
	       groups_of(samples % w->batch_rows, w);
}

static int put_groups(struct writer *w, uint64_t groups)
{
	uint64_t left = w->file->samples, batch = 0;
	int rc = 0;

	while (left > 0 && !rc) {
		uint64_t rows;

		if (batch == 0)
			batch = MIN(left, w->batch_rows);
		rows = MIN(batch, w->group_rows);
		rc = put_group(w, groups, rows);
		batch -= rows;
		left -= rows;
	}
	return rc;
}

static int put_footer(struct writer *w)
{
	AUTO_FREE struct parquet_column *columns =
		calloc(w->n_columns, sizeof(*columns));
	struct thrift_out t = { 0 };
	unsigned char len[4];
	int rc;

	if (!columns)
		return -ENOMEM;
	for (size_t c = 0; c < w->n_columns; c++)
		columns[c] = w->columns[c].in_file;
	parquet_put_footer(&t, &(struct parquet_footer){
				       .columns = columns,
				       .n_columns = w->n_columns,
				       .n_groups = w->n_groups,
				       .chunks = w->chunks,
				       .rows = w->rows,
			       });
	parquetvalues_le32(len, (uint32_t)t.len);
	rc = t.failed ? -ENOMEM : parquetpages_put(&w->pages, t.bytes, t.len);
	free(t.bytes);
	if (!rc)
		rc = parquetpages_put(&w->pages, len, sizeof(len));
	return rc ? rc :
		    parquetpages_put(&w->pages, PARQUET_MAGIC,
				     PARQUET_MAGIC_SIZE);
}

static int put_file(struct writer *w)
{
	uint64_t groups = all_groups(w);
	int rc;

	w->chunks = calloc(groups, w->n_columns * sizeof(*w->chunks));
	w->rows = calloc(groups, sizeof(*w->rows));
	if (!w->chunks || !w->rows)
		return -ENOMEM;
	rc = parquetpages_put(&w->pages, PARQUET_MAGIC, PARQUET_MAGIC_SIZE);
	if (!rc)
		rc = put_groups(w, groups);
	return rc ? rc : put_footer(w);
}

/* ---- What the configuration says ---- */

/* Number i of those in a file: folders are named after what it is partitioned
 * by.  Without columns: bytes, as many as a record has, put into `only`. */
static const struct config_column *
column_of(const struct dataset_file *f, size_t i, struct config_column *only)
{
	const struct config_columns *all = &f->layout->parquet.columns;
	const char *by = f->layout->parquet.partition_by;

	if (!all->n) {
		*only = (struct config_column){ "data", "uint8",
						f->record_bytes, true };
		return only;
	}
	if (by && all->item + i >= columns_find(all, by, strlen(by)))
		i++;
	return &all->item[i];
}

static size_t count_columns(const struct dataset_file *f)
{
	size_t n = f->layout->parquet.columns.n;

	return MAX(f->layout->parquet.partition_by ? n - 1 : n, 1);
}

static void set_column(struct parquetpages_column *c,
		       const struct config_column *said,
		       const struct payload *like)
{
	const struct parquet_type *type = parquet_type_find(said->dtype);
	bool number = type->physical != PARQUET_BYTES &&
		      type->physical != PARQUET_BOOLEAN;

	c->in_file.name = said->name;
	c->in_file.type = type;
	c->size = said->size;
	c->in_file.list = number &&
			  (said->size > 1 || !strcmp(said->dtype, "list"));
	c->num = dtype_find(type->numbers);
	payload_init(&c->payload, c->num, like->seed);
	c->payload.random = like->random;
	c->payload.repeats = like->repeats;
}

static int parquet_encode(const struct dataset_file *f, struct format_sink *out)
{
	struct config_column only;
	const char *compression = f->layout->compression;
	AUTO_FREE struct parquetpages_column *columns =
		calloc(count_columns(f), sizeof(*columns));
	AUTO_FREE struct writer *w = calloc(1, sizeof(*w));
	int rc;

	if (!columns || !w)
		return -ENOMEM;
	w->file = f;
	w->pages.sink = out;
	w->pages.codec = codec_find(compression ? compression : "none");
	w->columns = columns;
	w->n_columns = count_columns(f);
	w->group_rows =
		default_one(f->layout->parquet.row_group_size, DEFAULT_GROUP);
	w->batch_rows =
		default_one(f->layout->parquet.batch_size, w->group_rows);
	for (size_t i = 0; i < w->n_columns; i++)
		set_column(&columns[i], column_of(f, i, &only), f->payload);
	rc = put_file(w);
	free(w->chunks);
	free(w->rows);
	parquetpages_clear(&w->pages);
	return rc;
}

static int check_column(const struct config_column *c)
{
	if (!parquet_type_find(c->dtype))
		return log_invalid("dataset.parquet.columns: %s: dtype %s: one "
				   "of uint8 … uint64, int8 … int64, float16, "
				   "float32, float64, list, string, binary, "
				   "bool",
				   c->name, c->dtype);
	/* A row is not cut, and a page has 31 bits of length. */
	if (c->size > PARQUETPAGES_MAX / 8)
		return log_invalid(
			"dataset.parquet.columns: %s: size %" PRIu64
			": a row of a column has at most %d elements",
			c->name, c->size, PARQUETPAGES_MAX / 8);
	return 0;
}

static int parquet_check(const struct dataset_file *f)
{
	const char *compression = f->layout->compression;

	for (size_t i = 0; i < count_columns(f); i++) {
		struct config_column only;
		int rc = check_column(column_of(f, i, &only));

		if (rc)
			return rc;
	}
	if (compression && !codec_find(compression))
		return log_invalid("dataset.compression: %s: parquet can be "
				   "compressed by snappy, gzip or zstd",
				   compression);
	return 0;
}

static void parquet_describe(const struct dataset_file *f, FILE *out)
{
	const struct dataset_layout *l = f->layout;

	if (l->compression)
		fprintf(out, " compression=%s", l->compression);
	fprintf(out, " row_group=%" PRIu64 " batch=%" PRIu64,
		l->parquet.row_group_size, l->parquet.batch_size);
	for (size_t i = 0; i < l->parquet.columns.n; i++)
		fprintf(out, " %s=%s:%" PRIu64, l->parquet.columns.item[i].name,
			l->parquet.columns.item[i].dtype,
			l->parquet.columns.item[i].size);
	if (l->parquet.partition_by)
		fprintf(out, " by=%s", l->parquet.partition_by);
}

const struct format format_parquet = {
	.name = "parquet",
	.encode = parquet_encode,
	.check = parquet_check,
	.describe = parquet_describe,
	.dtype = "uint8",
	.partitions = true,
};
