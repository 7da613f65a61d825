/* pyarrow.parquet.ParquetFile(file) and read_row_group(), as MLPerf's DLIO
 * calls them: the last 64 KiB of the file for its footer, then each column of a
 * row group in one read.
 *
 * DLIO keeps the footers, and a row group that was read once is not read again
 * in the same epoch.  Samples of a worker come in order, so it is enough to
 * remember the last file and row group; going back is a new epoch. */
#include "base/clock.h"
#include "base/le.h"
#include "config/columns.h"
#include "train/parquetchunk.h"
#include "train/reader_format.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define FOOTER_READ (64 * KIB)
#define MAX_FOOTER GIB
#define NO_GROUP SIZE_MAX

struct reader_table {
	char name[READER_NAME_SIZE]; /* "": none */
	unsigned char *footer;
	struct parquet_in in;
	uint64_t sample; /* the last one */
	size_t group;	 /* its row group */
	struct parquetchunk chunk;
};

static void forget_file(struct reader_table *t)
{
	t->name[0] = '\0';
	t->group = NO_GROUP;
	parquet_in_free(&t->in);
	free(t->footer);
	t->footer = NULL;
}

static int read_counted(struct reader *r, struct source_file *f, void *out,
			uint64_t len, uint64_t offset)
{
	int rc = reader_read_range(r, f, out, len, offset);

	r->bytes += rc ? 0 : len;
	return rc;
}

/* ---- Footer ---- */

/* One read where the footer is no longer than most are, else two. */
static int read_footer(struct reader *r, struct source_file *f, size_t *len)
{
	struct reader_table *t = r->table;
	size_t tail = MIN(f->size, FOOTER_READ);
	const unsigned char *end;
	int rc;

	t->footer = malloc(FOOTER_READ);
	if (!t->footer)
		return reader_failed(r, -ENOMEM, 0);
	if (tail < PARQUET_MAGIC_SIZE + PARQUET_TAIL_SIZE)
		return reader_wrong(r, "is too short for a Parquet file");
	rc = read_counted(r, f, t->footer, tail, f->size - tail);
	if (rc)
		return rc;
	end = t->footer + tail - PARQUET_TAIL_SIZE;
	if (memcmp(end + 4, PARQUET_MAGIC, PARQUET_MAGIC_SIZE) != 0)
		return reader_wrong(r, "is no Parquet file, or is cut");
	*len = le_get32(end);
	if (*len > MIN(f->size - PARQUET_TAIL_SIZE, MAX_FOOTER))
		return reader_wrong(r, "has a footer longer than itself");
	if (*len <= tail - PARQUET_TAIL_SIZE) {
		memmove(t->footer, end - *len, *len);
		return 0;
	}
	free(t->footer);
	t->footer = malloc(*len);
	if (!t->footer)
		return reader_failed(r, -ENOMEM, 0);
	return read_counted(r, f, t->footer, *len,
			    f->size - PARQUET_TAIL_SIZE - *len);
}

static int open_table(struct reader *r, struct source_file *f)
{
	struct reader_table *t = r->table;
	const char *wrong;
	uint64_t from_ns;
	size_t len = 0;
	int rc;

	forget_file(t);
	rc = read_footer(r, f, &len);
	if (rc)
		return rc;
	from_ns = clock_ns();
	rc = parquet_in_parse(t->footer, len, f->size, &t->in, &wrong);
	r->check_ns += clock_ns() - from_ns;
	if (rc == -EBADMSG)
		return reader_wrong(r, wrong);
	if (rc)
		return reader_failed(r, rc, 0);
	snprintf(t->name, sizeof(t->name), "%s", r->file->name);
	return 0;
}

/* ---- Row groups ---- */

static size_t group_of(const struct reader_table *t, uint64_t sample)
{
	for (size_t g = 0; g < t->in.n_groups; g++) {
		if (sample < t->in.rows[g])
			return g;
		sample -= t->in.rows[g];
	}
	return NO_GROUP;
}

static bool is_read(const struct reader *r, const struct parquet_in_leaf *leaf)
{
	const struct config_column *c =
		r->columns ?
			columns_find(r->columns, leaf->name, leaf->name_len) :
			NULL;

	return !c || c->read;
}

static int read_column(struct reader *r, struct source_file *f, size_t group,
		       size_t leaf)
{
	struct reader_table *t = r->table;
	const struct parquet_chunk *chunk =
		&t->in.chunks[group * t->in.n_leaves + leaf];
	const char *wrong;
	uint64_t from_ns;
	int rc = reader_reserve(r, chunk->packed);

	if (!rc)
		rc = read_counted(r, f, r->image, chunk->packed, chunk->offset);
	if (rc)
		return rc;
	from_ns = clock_ns();
	rc = parquetchunk_decode(&t->chunk, &t->in.leaves[leaf], chunk,
				 t->in.rows[group], r->image, &wrong);
	r->check_ns += clock_ns() - from_ns;
	if (rc == -EBADMSG)
		return reader_wrong_in(r, "%s (column %.*s, row group %zu)",
				       wrong, (int)t->in.leaves[leaf].name_len,
				       t->in.leaves[leaf].name, group);
	return rc ? reader_failed(r, rc, chunk->offset) : 0;
}

static int read_group(struct reader *r, struct source_file *f)
{
	struct reader_table *t = r->table;
	size_t group = group_of(t, r->file->sample);
	int rc = 0;

	if (group == NO_GROUP)
		return reader_wrong_in(r, "has no row of sample %" PRIu64,
				       r->file->sample);
	for (size_t i = 0; i < t->in.n_leaves && !rc; i++)
		if (is_read(r, &t->in.leaves[i]))
			rc = read_column(r, f, group, i);
	t->group = rc ? NO_GROUP : group;
	return rc;
}

static int read_sample(struct reader *r, bool known)
{
	struct source_file *f;
	int rc = reader_open(r, r->file->name, true, &f);

	if (rc)
		return rc;
	if (!known)
		rc = open_table(r, f);
	if (!rc)
		rc = read_group(r, f);
	source_close(f);
	return rc;
}

int reader_parquet_sample(struct reader *r)
{
	struct reader_table *t = r->table;
	bool known;
	int rc = 0;

	if (!t) {
		t = r->table = calloc(1, sizeof(*t));
		if (!t)
			return reader_failed(r, -ENOMEM, 0);
		forget_file(t);
	}
	t->chunk.check = r->check;
	known = !strcmp(t->name, r->file->name) && r->file->sample > t->sample;
	if (!known || group_of(t, r->file->sample) != t->group ||
	    t->group == NO_GROUP)
		rc = read_sample(r, known);
	t->sample = r->file->sample;
	if (rc)
		forget_file(t);
	return rc;
}

void reader_parquet_forget(struct reader *r)
{
	if (!r->table)
		return;
	forget_file(r->table);
	parquetchunk_free(&r->table->chunk);
	free(r->table);
}
