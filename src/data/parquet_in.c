#include "data/parquet_in.h"

#include <errno.h>
#include <string.h>

/* No honest footer has more: what is allocated is bounded by it. */
#define MAX_LEAVES 65536u

static const char bad_schema[] = "has a schema that cannot be";
static const char bad_group[] = "has a row group that cannot be";

/* ---- Schema ---- */

struct element {
	const char *name;
	size_t name_len;
	enum parquet_physical physical;
	uint64_t fixed, children;
	int repetition;
};

static void read_element(struct thrift_in *t, struct thrift_field *item,
			 struct element *e)
{
	struct thrift_field f;

	*e = (struct element){ 0 };
	thrift_open(t, item);
	while (thrift_next(t, &f)) {
		switch (f.id) {
		case 1:
			e->physical = (enum parquet_physical)thrift_int(t, &f);
			break;
		case 2:
			e->fixed = (uint64_t)thrift_int(t, &f);
			break;
		case 3:
			e->repetition = (int)thrift_int(t, &f);
			break;
		case 4:
			e->name = thrift_text(t, &f, &e->name_len);
			break;
		case 5:
			e->children = (uint64_t)thrift_int(t, &f);
			break;
		default:
			thrift_skip(t, &f);
		}
	}
}

/* Where in the tree of elements, which come depth first, we are. */
struct branch {
	uint64_t left; /* children of it that did not come yet */
	unsigned def, rep;
};

struct schema {
	struct branch open[THRIFT_MAX_DEPTH];
	unsigned depth;
	const char *name; /* of the branch from the root */
	size_t name_len;
};

static bool add_leaf(struct schema *s, const struct element *e,
		     struct branch here, struct parquet_in *out)
{
	struct parquet_in_leaf *leaf = &out->leaves[out->n_leaves++];

	*leaf = (struct parquet_in_leaf){
		.name = s->name,
		.name_len = s->name_len,
		.physical = e->physical,
		.fixed = e->fixed,
		.max_def = here.def,
		.max_rep = here.rep,
	};
	return (unsigned)leaf->physical <= PARQUET_FIXED &&
	       leaf->fixed <= INT32_MAX &&
	       (leaf->physical != PARQUET_FIXED || leaf->fixed > 0);
}

static bool add_element(struct schema *s, const struct element *e,
			struct parquet_in *out)
{
	struct branch here;

	while (s->depth > 0 && s->open[s->depth].left == 0)
		s->depth--;
	if (s->open[s->depth].left == 0)
		return false;
	s->open[s->depth].left--;
	here = s->open[s->depth];
	here.def += e->repetition != 0;
	here.rep += e->repetition == 2;
	here.left = e->children;
	if (s->depth == 0) {
		s->name = e->name;
		s->name_len = e->name_len;
	}
	if (e->children == 0)
		return add_leaf(s, e, here, out);
	if (s->depth + 1 == THRIFT_MAX_DEPTH)
		return false;
	s->open[++s->depth] = here;
	return true;
}

static int read_schema(struct thrift_in *t, const struct thrift_field *f,
		       struct parquet_in *out, const char **wrong)
{
	struct schema s = { 0 };
	struct thrift_field item;
	size_t n = thrift_list(t, f, &item);
	struct element e;

	*wrong = bad_schema;
	if (n < 2 || n > MAX_LEAVES || out->leaves)
		return -EBADMSG;
	out->leaves = calloc(n, sizeof(*out->leaves));
	if (!out->leaves)
		return -ENOMEM;
	read_element(t, &item, &e); /* the root */
	s.open[0].left = e.children;
	for (size_t i = 1; i < n; i++) {
		read_element(t, &item, &e);
		if (t->bad || !add_element(&s, &e, out))
			return -EBADMSG;
	}
	for (unsigned i = 0; i <= s.depth; i++)
		if (s.open[i].left)
			return -EBADMSG;
	return 0;
}

/* ---- Row groups ---- */

static void read_chunk_data(struct thrift_in *t, struct thrift_field *f,
			    struct parquet_chunk *c)
{
	uint64_t data = 0, dictionary = 0;
	struct thrift_field in;

	thrift_open(t, f);
	while (thrift_next(t, &in)) {
		switch (in.id) {
		case 4:
			c->codec = (int)thrift_int(t, &in);
			break;
		case 5:
			c->values = (uint64_t)thrift_int(t, &in);
			break;
		case 6:
			c->unpacked = (uint64_t)thrift_int(t, &in);
			break;
		case 7:
			c->packed = (uint64_t)thrift_int(t, &in);
			break;
		case 9:
			data = (uint64_t)thrift_int(t, &in);
			break;
		case 11:
			dictionary = (uint64_t)thrift_int(t, &in);
			break;
		default:
			thrift_skip(t, &in);
		}
	}
	c->offset = dictionary && dictionary < data ? dictionary : data;
	c->dictionary = data - c->offset;
}

static void read_chunk(struct thrift_in *t, struct thrift_field *item,
		       struct parquet_chunk *c)
{
	struct thrift_field f;

	*c = (struct parquet_chunk){ 0 };
	thrift_open(t, item);
	while (thrift_next(t, &f)) {
		if (f.id == 3)
			read_chunk_data(t, &f, c);
		else
			thrift_skip(t, &f);
	}
}

static bool read_chunks(struct thrift_in *t, const struct thrift_field *f,
			struct parquet_chunk *chunks, size_t want,
			uint64_t file_size)
{
	struct thrift_field item;
	size_t n = thrift_list(t, f, &item);

	if (n != want)
		return false;
	for (size_t i = 0; i < n; i++) {
		uint64_t end;

		read_chunk(t, &item, &chunks[i]);
		if (t->bad ||
		    __builtin_add_overflow(chunks[i].offset, chunks[i].packed,
					   &end) ||
		    end > file_size)
			return false;
	}
	return true;
}

static bool read_group(struct thrift_in *t, struct thrift_field *item,
		       struct parquet_chunk *chunks, size_t n_chunks,
		       uint64_t *rows, uint64_t file_size)
{
	bool good = false;
	struct thrift_field f;

	thrift_open(t, item);
	while (thrift_next(t, &f)) {
		if (f.id == 1) {
			good = read_chunks(t, &f, chunks, n_chunks, file_size);
			if (!good)
				return false;
		} else if (f.id == 3) {
			*rows = (uint64_t)thrift_int(t, &f);
		} else {
			thrift_skip(t, &f);
		}
	}
	return good && !t->bad && *rows <= INT64_MAX;
}

static int read_groups(struct thrift_in *t, const struct thrift_field *f,
		       uint64_t file_size, struct parquet_in *out,
		       const char **wrong)
{
	struct thrift_field item;
	size_t n = thrift_list(t, f, &item);

	*wrong = bad_group;
	if (!out->n_leaves || out->rows)
		return -EBADMSG;
	/* Each takes more than a byte of the footer for each of its columns;
	 * without this a lie of a few bytes would cost gigabytes. */
	if (n > (size_t)(t->end - t->at) / out->n_leaves)
		return -EBADMSG;
	out->rows = calloc(n + 1, sizeof(*out->rows));
	out->chunks = calloc(n * out->n_leaves + 1, sizeof(*out->chunks));
	if (!out->rows || !out->chunks)
		return -ENOMEM;
	for (; out->n_groups < n; out->n_groups++) {
		size_t g = out->n_groups;

		if (!read_group(t, &item, &out->chunks[g * out->n_leaves],
				out->n_leaves, &out->rows[g], file_size))
			return -EBADMSG;
	}
	return 0;
}

static int read_footer(struct thrift_in *t, uint64_t file_size,
		       struct parquet_in *out, const char **wrong)
{
	struct thrift_field f;

	while (thrift_next(t, &f)) {
		int rc = 0;

		if (f.id == 2)
			rc = read_schema(t, &f, out, wrong);
		else if (f.id == 4)
			rc = read_groups(t, &f, file_size, out, wrong);
		else
			thrift_skip(t, &f);
		if (rc)
			return rc;
	}
	*wrong = "has a damaged footer";
	return t->bad || !out->rows ? -EBADMSG : 0;
}

int parquet_in_parse(const void *footer, size_t len, uint64_t file_size,
		     struct parquet_in *out, const char **wrong)
{
	struct thrift_in t;
	int rc;

	*out = (struct parquet_in){ 0 };
	thrift_read(&t, footer, len);
	rc = read_footer(&t, file_size, out, wrong);
	if (rc)
		parquet_in_free(out);
	return rc;
}

void parquet_in_free(struct parquet_in *f)
{
	free(f->leaves);
	free(f->chunks);
	free(f->rows);
	*f = (struct parquet_in){ 0 };
}

/* ---- Pages ---- */

static void read_page_data(struct thrift_in *t, struct thrift_field *f,
			   struct parquet_page *p)
{
	struct thrift_field in;

	thrift_open(t, f);
	while (thrift_next(t, &in)) {
		if (in.id == 1)
			p->values = (uint64_t)thrift_int(t, &in);
		else if (in.id == 2)
			p->encoding = (enum parquet_encoding)thrift_int(t, &in);
		else
			thrift_skip(t, &in);
	}
}

size_t parquet_in_page(const void *bytes, size_t len, struct parquet_page *out)
{
	struct thrift_field f;
	struct thrift_in t;

	*out = (struct parquet_page){ 0 };
	thrift_read(&t, bytes, len);
	while (thrift_next(&t, &f)) {
		switch (f.id) {
		case 1:
			out->type = (enum parquet_page_type)thrift_int(&t, &f);
			break;
		case 2:
			out->unpacked = (uint64_t)thrift_int(&t, &f);
			break;
		case 3:
			out->packed = (uint64_t)thrift_int(&t, &f);
			break;
		case 4:
			out->crc = (uint32_t)thrift_int(&t, &f);
			out->has_crc = true;
			break;
		case 5:
		case 7:
			read_page_data(&t, &f, out);
			break;
		default:
			thrift_skip(&t, &f);
		}
	}
	/* Lengths are of 31 bits, by the format. */
	if (t.bad || out->unpacked > INT32_MAX || out->packed > INT32_MAX ||
	    out->values > INT32_MAX)
		return 0;
	return (size_t)(t.at - (const unsigned char *)bytes);
}
