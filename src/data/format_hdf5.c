/* What h5py writes for DLIO: datasets of all samples, and labels, which are
 * zeros.  In one piece each, they are planned here; in chunks, see
 * hdf5_chunked.c. */
#include "data/format.h"
#include "data/hdf5_book.h"
#include "data/hdf5_chunked.h"

#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* libhdf5 gives a dataset of this size or more a place of its own at the end
 * of the file, smaller ones go into blocks of this size ("small data block" in
 * the documentation of H5Pset_small_data_block_size()).  So files of large
 * datasets differ in their lengths and offsets alone. */
#define LARGE 2048

struct prepared {
	struct hdf5_shape known; /* of one file, or all, */
	struct hdf5_layout layout;
	struct hdf5_layout large; /* and of one that is large in any case */
	struct hdf5_book *book;	  /* of the others */
};

static void hdf5_dismiss(void *prepared)
{
	struct prepared *p = prepared;

	if (!p)
		return;
	hdf5_layout_free(&p->layout);
	hdf5_layout_free(&p->large);
	hdf5_book_free(p->book);
	free(p);
}

static int make_layouts(struct prepared *p)
{
	struct hdf5_shape large = p->known;
	int rc = hdf5_layout_make(&p->known, NULL, &p->layout);

	if (rc < 0)
		return rc;
	large.dims[large.ndims - 1] = large.max[large.ndims - 1] = LARGE;
	rc = hdf5_layout_make(&large, NULL, &p->large);
	return rc < 0 ? rc : hdf5_book_new(&p->book);
}

static int hdf5_prepare(const struct dataset_file *f, void **out)
{
	struct prepared *p = calloc(1, sizeof(*p));
	int rc;

	if (!p)
		return log_fail(-ENOMEM, "a dataset");
	hdf5_shape_of(f, &p->known);
	rc = make_layouts(p);
	if (rc == 0 && p->layout.n > FORMAT_MAX_PIECES)
		rc = -E2BIG;
	if (rc < 0) {
		log_fail(rc, "libhdf5 makes no such file");
		goto fail;
	}
	*out = p;
	return 0;
fail:
	hdf5_dismiss(p);
	return rc;
}

static bool same_dims(const struct hdf5_shape *a, const struct hdf5_shape *b)
{
	return !memcmp(a->dims, b->dims, sizeof(a->dims));
}

/* The pieces of a layout, for datasets of so many bytes. */
static void cut(const struct hdf5_layout *l, uint64_t bytes,
		struct format_plan *out)
{
	static const enum format_kind kinds[] = {
		[HDF5_METADATA] = FORMAT_LITERAL,
		[HDF5_RECORDS] = FORMAT_PAYLOAD,
		[HDF5_LABELS] = FORMAT_ZEROS,
	};

	out->copies = 1;
	out->n = (unsigned)l->n;
	for (size_t i = 0; i < l->n; i++) {
		const struct hdf5_extent *e = &l->extents[i];

		out->pieces[i] = (struct format_piece){
			.kind = kinds[e->kind],
			.len = e->kind == HDF5_RECORDS ? bytes : e->len,
		};
	}
}

static int hdf5_plan(const struct dataset_file *f, struct format_plan *out)
{
	const struct prepared *p = f->prepared;
	const struct hdf5_layout *l;
	struct hdf5_shape s;
	uint64_t bytes;
	int rc;

	hdf5_shape_of(f, &s);
	bytes = hdf5_shape_bytes(&s);
	if (same_dims(&s, &p->known)) {
		cut(&p->layout, bytes, out);
		return 0;
	}
	if (bytes >= LARGE) {
		cut(&p->large, bytes, out);
		return 0;
	}
	rc = hdf5_book_take(p->book, &s, &l);
	if (rc < 0)
		return rc;
	cut(l, bytes, out);
	hdf5_book_put(p->book, l);
	return 0;
}

static void copy_piece(const struct hdf5_layout *l, unsigned piece,
		       unsigned char *buf)
{
	const unsigned char *from = l->metadata;

	for (unsigned i = 0; i < piece; i++)
		if (l->extents[i].kind == HDF5_METADATA)
			from += l->extents[i].len;
	memcpy(buf, from, l->extents[piece].len);
}

static int hdf5_literal(const struct dataset_file *f, uint64_t copy,
			unsigned piece, unsigned char *buf)
{
	const struct prepared *p = f->prepared;
	const struct hdf5_layout *l;
	struct hdf5_shape s;
	int rc;

	(void)copy; /* there is one */
	hdf5_shape_of(f, &s);
	if (same_dims(&s, &p->known)) {
		copy_piece(&p->layout, piece, buf);
		return 0;
	}
	rc = hdf5_book_take(p->book, &s, &l);
	if (rc < 0)
		return rc;
	copy_piece(l, piece, buf);
	hdf5_book_put(p->book, l);
	return 0;
}

static void print_dims(FILE *out, const char *word,
		       const struct dataset_dims *dims)
{
	for (unsigned i = 0; i < dims->n; i++)
		fprintf(out, "%s%" PRIu64, i ? "x" : word, dims->dim[i]);
}

static void hdf5_describe(const struct dataset_file *f, FILE *out)
{
	const struct dataset_layout *l = f->layout;

	if (l->hdf5.dsets_per_record > 1)
		fprintf(out, " datasets=%" PRIu64, l->hdf5.dsets_per_record);
	print_dims(out, " chunk=", &l->hdf5.chunk_dims);
	print_dims(out, " max=", &l->hdf5.max_shape);
	if (l->compression)
		fprintf(out, " compression=%s", l->compression);
	if (l->compression && !strcmp(l->compression, "gzip"))
		fprintf(out, ":%d", l->compression_level);
}

static const struct format chunked = {
	.name = "hdf5",
	.encode = hdf5_chunked_encode,
	.check = hdf5_chunked_check,
	.describe = hdf5_describe,
};

static const struct format *hdf5_choose(const struct dataset_layout *l)
{
	return hdf5_shape_chunked(l) ? &chunked : &format_hdf5;
}

const struct format format_hdf5 = {
	.name = "hdf5",
	.plan = hdf5_plan,
	.literal = hdf5_literal,
	.choose = hdf5_choose,
	.check = hdf5_shape_check,
	.prepare = hdf5_prepare,
	.dismiss = hdf5_dismiss,
	.describe = hdf5_describe,
};
