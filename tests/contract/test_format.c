/* What every format promises, for each row of the table and for its side files:
 * any range of a file is the same bytes, size and CRC are those of the bytes,
 * and no two files with payload are the same. */
#include "base/rng.h"
#include "data/format.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <string.h>
#include <zstd.h>

/* Datasets to try each format with. */
static const uint64_t dims1[] = { 700 }, dims3[] = { 5, 6, 7 };
static const uint64_t dims4[] = { 9, 30 };
static const struct dataset_options shapes[] = {
	{ .samples_per_file = 1, .record_length = 1 },
	{ .samples_per_file = 1, .record_length = 4096 },
	{ .samples_per_file = 3, .record_length = 1000 },
	{ .samples_per_file = 20000, .record_length = 4 },
	{ .samples_per_file = 1,
	  .record_length = 70000,
	  .record_length_stdev = 9000 },
	{ .samples_per_file = 2, .record_dims = dims1, .record_ndims = 1 },
	{ .samples_per_file = 300, .record_dims = dims3, .record_ndims = 3 },
	/* Of one format only. */
	{ .format = "hdf5",
	  .samples_per_file = 2,
	  .record_dims = dims4,
	  .record_ndims = 2,
	  .layout.hdf5.dsets_per_record = 9 },
	{ .format = "hdf5",
	  .samples_per_file = 1,
	  .record_length = 1500,
	  .record_length_stdev = 1500 },
	{ .format = "hdf5",
	  .samples_per_file = 4,
	  .record_length = 3000,
	  .record_length_stdev = 500,
	  .layout.hdf5.chunk_dims = { 3, { 3, 20, 7 } } },
	{ .format = "hdf5",
	  .samples_per_file = 3,
	  .record_dims = dims4,
	  .record_ndims = 2,
	  .layout = { .compression = "gzip",
		      .compression_level = 1,
		      .hdf5.dsets_per_record = 3 } },
	{ .format = "hdf5",
	  .samples_per_file = 1,
	  .record_length = 30000,
	  .layout = { .compression = "lzf",
		      .hdf5.max_shape = { 2, { 200, 300 } } } },
};

static struct dataset *make(const struct dataset_options *shape,
			    const struct format *t, const char *dtype)
{
	struct dataset_options o = *shape;
	struct dataset *d = NULL;

	o.format = t->name;
	o.dtype = dtype;
	o.file_prefix = "img";
	o.files[DATASET_TRAIN] = 3;
	o.files[DATASET_EVAL] = 2;
	o.seed = 5;
	cr_assert_eq(dataset_new(&o, &d), 0);
	return d;
}

/* What a format cannot hold; what all others can. */
static bool takes(const struct format *t, const char *dtype,
		  const struct dataset_options *shape)
{
	const struct dtype *type = dtype_find(dtype);

	if (shape->format && strcmp(shape->format, t->name))
		return false;
	if (!strcmp(t->name, "csv"))
		return type->kind != DTYPE_COMPLEX;
	if (!strcmp(t->name, "jpeg") || !strcmp(t->name, "png"))
		return shape->record_ndims == 0 || shape->record_ndims == 2;
	return true;
}

typedef void (*check_fn)(const struct dataset *d, uint64_t first,
			 const char *what);

/* The data files are numbered from 0, each kind of side file from some first
 * on. */
static void for_parts(check_fn f, const struct dataset *d, const char *what)
{
	for (uint64_t first = 0; first < dataset_objects(d);
	     first += dataset_files(d)) {
		char part[80];

		snprintf(part, sizeof(part), "%s object %u", what,
			 (unsigned)first);
		f(d, first, part);
	}
}

/* Call f for every format: every shape with a dtype of its own, and one of them
 * with all dtypes. */
static void for_all(check_fn f)
{
	static const char *const dtypes[] = { "uint8",	  "float32", "bool",
					      "float16",  "int64",   "float64",
					      "complex64" };
	const struct format *t;

	for (size_t i = 0; (t = format_at(i)); i++)
		for (size_t k = 0; k < ARRAY_SIZE(shapes); k++)
			for (size_t j = 0; j < ARRAY_SIZE(dtypes); j++) {
				struct dataset *d;
				char what[64];

				if ((j != k && k != 2) ||
				    !takes(t, dtypes[j], &shapes[k]))
					continue;
				d = make(&shapes[k], t, dtypes[j]);
				snprintf(what, sizeof(what), "%s %s shape %zu",
					 t->name, dtypes[j], k);
				for_parts(f, d, what);
				dataset_free(d);
			}
}

static unsigned char *whole(const struct dataset *d, uint64_t i, size_t *len,
			    const char *what)
{
	uint64_t size = dataset_size(d, i);
	unsigned char *buf;

	cr_assert_gt(size, 0, "%s", what);
	buf = malloc(size + 100);
	cr_assert_not_null(buf);
	/* Ask for more than there is: short only at the end. */
	cr_assert_eq(dataset_read(d, i, buf, size + 100, 0), (ssize_t)size,
		     "%s", what);
	*len = size;
	return buf;
}

static void check_windows(const struct dataset *d, uint64_t first,
			  const char *what)
{
	size_t len;
	AUTO_FREE unsigned char *buf = whole(d, first + 1, &len, what);
	struct rng g;

	rng_seed(&g, 3);
	for (int k = 0; k < 60; k++) {
		uint64_t at = rng_u64(&g) % (len + 1);
		size_t n = rng_u64(&g) % (k % 2 ? len + 1 : 200);
		size_t want = MIN(n, len - at);
		AUTO_FREE unsigned char *window = malloc(n + !n);

		cr_assert_eq(dataset_read(d, first + 1, window, n, at),
			     (ssize_t)want, "%s: %zu at %zu", what, n,
			     (size_t)at);
		cr_assert_eq(memcmp(window, buf + at, want), 0,
			     "%s: %zu at %zu", what, n, (size_t)at);
	}
}

Test(format, gives_any_range_of_a_file)
{
	for_all(check_windows);
}

/* A byte at a time through the headers at both ends, where pieces meet. */
static void check_bytes(const struct dataset *d, uint64_t first,
			const char *what)
{
	size_t len;
	AUTO_FREE unsigned char *buf = whole(d, first, &len, what);

	for (size_t at = 0; at < len; at++) {
		unsigned char byte;

		if (at == 400 && len > 1000)
			at = len - 600;
		cr_assert_eq(dataset_read(d, first, &byte, 1, at), 1);
		cr_assert_eq(byte, buf[at], "%s at %zu", what, at);
	}
}

Test(format, gives_single_bytes)
{
	for_all(check_bytes);
}

static void check_end(const struct dataset *d, uint64_t first, const char *what)
{
	uint64_t i = first + 4, size = dataset_size(d, i);
	uint64_t some = MIN(size, 5);
	unsigned char buf[64];

	cr_expect_eq(dataset_read(d, i, buf, 64, size), 0, "%s", what);
	cr_expect_eq(dataset_read(d, i, buf, 64, size + 1000), 0);
	cr_expect_eq(dataset_read(d, i, buf, 64, UINT64_MAX), 0);
	cr_expect_eq(dataset_read(d, i, buf, 64, size - some), some);
	cr_expect_eq(dataset_read(d, i, buf, 0, 0), 0);
}

Test(format, gives_nothing_behind_the_end)
{
	for_all(check_end);
}

static void check_crc(const struct dataset *d, uint64_t first, const char *what)
{
	for (uint64_t i = 0; i < 2; i++) {
		size_t len;
		AUTO_FREE unsigned char *buf =
			whole(d, first + 3 + i, &len, what);
		uint32_t crc = 0;

		cr_assert_eq(dataset_crc32(d, first + 3 + i, &crc), 0);
		cr_expect_eq(crc, crc_crc32(0, buf, len), "%s", what);
	}
}

struct pieces {
	unsigned char *bytes;
	size_t len, room, calls;
};

static int add_piece(void *arg, const void *data, size_t len)
{
	struct pieces *p = arg;

	cr_assert_leq(len, p->room - p->len);
	memcpy(p->bytes + p->len, data, len);
	p->len += len;
	return ++p->calls == 3 ? 7 : 0;
}

/* To the third piece, and to the end. */
static void check_stream(const struct dataset *d, uint64_t first,
			 const char *what)
{
	const size_t room = 1000;
	size_t len;
	AUTO_FREE unsigned char *buf = whole(d, first + 2, &len, what);
	AUTO_FREE unsigned char *copy = malloc(len);
	struct pieces p = { .bytes = copy, .room = len };
	char buffer[1000];
	int rc = dataset_stream(d, first + 2, buffer, room, add_piece, &p);

	cr_assert_eq(rc, len > 2 * room ? 7 : 0, "%s", what);
	cr_assert_eq(p.len, MIN(len, 3 * room), "%s", what);
	cr_expect_arr_eq(copy, buf, p.len, "%s", what);
	p = (struct pieces){ .bytes = copy, .room = len, .calls = 3 };
	cr_assert_eq(dataset_stream(d, first + 2, buffer, room, add_piece, &p),
		     0);
	cr_assert_eq(p.len, len, "%s", what);
	cr_expect_arr_eq(copy, buf, len, "%s", what);
}

Test(format, streams_a_file_and_ends_when_told)
{
	for_all(check_stream);
}

Test(format, knows_the_crc_of_a_file)
{
	for_all(check_crc);
}

static void check_different(const struct dataset *d, uint64_t first,
			    const char *what)
{
	struct dataset_file f;
	size_t len[2];
	AUTO_FREE unsigned char *a = whole(d, first, &len[0], what);
	AUTO_FREE unsigned char *b = whole(d, first + 3, &len[1], what);

	dataset_file(d, 0, &f);
	/* A single bool may well be the same, and so are indexes. */
	if (!first && f.samples * f.record_bytes > 100 && len[0] == len[1])
		cr_expect_neq(memcmp(a, b, len[0]), 0, "%s", what);
}

Test(format, makes_no_two_files_the_same)
{
	for_all(check_different);
}

/* How much less a file of 8 MiB needs where storage packs it, and keeps what it
 * has had before once. */
static double shrinks(const struct dataset_options *o)
{
	const size_t room = ZSTD_compressBound(9 * MIB);
	AUTO_FREE unsigned char *file = malloc(9 * MIB);
	AUTO_FREE unsigned char *packed = malloc(room);
	ZSTD_CCtx *z = ZSTD_createCCtx();
	struct dataset *d = NULL;
	ssize_t len;
	size_t n;

	cr_assert(file && packed && z);
	cr_assert_eq(dataset_new(o, &d), 0);
	len = dataset_read(d, 0, file, 9 * MIB, 0);
	cr_assert(len > 0 && len < 9 * (ssize_t)MIB);
	ZSTD_CCtx_setParameter(z, ZSTD_c_compressionLevel, 1);
	ZSTD_CCtx_setParameter(z, ZSTD_c_windowLog, 24);
	n = ZSTD_compress2(z, packed, room, file, (size_t)len);
	cr_assert_not(ZSTD_isError(n));
	dataset_free(d);
	ZSTD_freeCCtx(z);
	return (double)len / (double)n;
}

/* 128 blocks, of which all but 8 are among 64 that may come again. */
Test(format, has_in_it_as_much_as_it_is_told)
{
	static const char *const names[] = {
		"npz",
		"npy",
		"hdf5",
		"tfrecord",
		"indexed_binary",
		"mmap_indexed_binary",
		"parquet",
	};
	static const struct {
		double compress, dedupe, least, most;
	} cases[] = { { 1, 1, 0.99, 1.01 },
		      { 4, 1, 3.5, 4.5 },
		      { 1, 16, 1.7, 2.6 } };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		for (size_t k = 0; k < ARRAY_SIZE(cases); k++) {
			const struct dataset_options o = {
				.format = names[i],
				.dtype = "uint8",
				.file_prefix = "img",
				.files = { 1, 0 },
				.samples_per_file = 1,
				.record_length = 8 * MIB,
				.seed = 5,
				.compress_ratio = cases[k].compress,
				.dedupe_ratio = cases[k].dedupe,
			};
			double got = shrinks(&o);

			cr_expect(got > cases[k].least && got < cases[k].most,
				  "%s, case %zu: %g", names[i], k, got);
		}
}

static bool is_in_a_folder(const struct dataset *d, const char *name)
{
	char folder[DATASET_MAX_NAME];

	for (uint64_t i = 0; i < dataset_folders(d); i++) {
		dataset_folder_name(d, i, folder);
		if (!strncmp(name, folder, strlen(folder)) &&
		    !strchr(name + strlen(folder), '/'))
			return true;
	}
	return false;
}

Test(format, has_names_that_are_found_again_in_its_folders)
{
	const struct format *t;

	for (size_t i = 0; (t = format_at(i)); i++) {
		const struct dataset_options o = { .format = t->name,
						   .dtype = "uint8",
						   .file_prefix = "img",
						   .files = { 12, 5 },
						   .subfolders = { 11, 2 },
						   .samples_per_file = 2,
						   .record_length = 100 };
		char name[DATASET_MAX_NAME];
		struct dataset *d = NULL;

		cr_assert_eq(dataset_new(&o, &d), 0);
		cr_expect_eq(dataset_objects(d) % dataset_files(d), 0);
		for (uint64_t k = 0; k < dataset_objects(d); k++) {
			uint64_t found = UINT64_MAX;

			dataset_name(d, k, name);
			cr_expect_eq(dataset_find(d, name, &found), 0, "%s",
				     name);
			cr_expect_eq(found, k, "%s", name);
			cr_expect(is_in_a_folder(d, name), "%s", name);
			name[strlen(name) - 1] ^= 1;
			cr_expect_eq(dataset_find(d, name, &found), -ENOENT,
				     "%s", name);
		}
		dataset_free(d);
	}
}

Test(format, is_found_by_name)
{
	const struct format *t;

	for (size_t i = 0; (t = format_at(i)); i++)
		cr_expect_eq(format_find(t->name), t, "%s", t->name);
	cr_expect_null(format_find("floppy"));
	cr_expect_null(format_find(""));
}

/* ---- A format that uses all there is: a record for each sample, a literal
 * too large for the stack, a piece of no length. ---- */

static int toy_plan(const struct dataset_file *f, struct format_plan *out)
{
	*out = (struct format_plan){
		.copies = f->samples,
		.n = 5,
		.pieces = { { FORMAT_LITERAL, 10 },
			    { FORMAT_PAYLOAD, f->record_bytes },
			    { FORMAT_ZEROS, 0 },
			    { FORMAT_LITERAL, 5000 },
			    { FORMAT_ZEROS, 7 } },
	};
	return 0;
}

static int toy_literal(const struct dataset_file *f, uint64_t copy,
		       unsigned piece, unsigned char *buf)
{
	if (copy == f->samples - 1 && piece == 3 && f->ndims == 1)
		return -12;
	memset(buf, (int)(16 * copy + piece), piece == 0 ? 10 : 5000);
	return 0;
}

static const struct format toy = {
	.name = "toy",
	.plan = toy_plan,
	.literal = toy_literal,
};

Test(format, may_repeat_its_pieces_for_every_sample)
{
	/* The second record lies across the border of a block. */
	const size_t record = 60000, row = 10 + record + 5000 + 7;
	struct dataset_file f = { .number = 4,
				  .samples = 3,
				  .record_bytes = record };
	AUTO_FREE unsigned char *buf = malloc(3 * row);
	AUTO_FREE unsigned char *want = malloc(record);
	struct payload p;
	uint32_t crc;

	payload_init(&p, dtype_find("uint8"), 1);
	f.payload = &p;
	cr_assert_eq(format_size(&toy, &f), (int64_t)(3 * row));
	cr_assert_eq(format_read(&toy, &f, buf, 3 * row, 0),
		     (ssize_t)(3 * row));
	for (size_t copy = 0; copy < 3; copy++) {
		const unsigned char *at = buf + copy * row;
		struct payload_span span = { .stream = 4 * 3 + copy,
					     .start = copy * row + 10,
					     .len = record };

		cr_expect_eq(at[0], 16 * copy);
		cr_expect_eq(at[9], 16 * copy);
		payload_fill(&p, &span, 0, want, record);
		cr_expect_arr_eq(at + 10, want, record);
		cr_expect_eq(at[10 + record], 16 * copy + 3);
		cr_expect_eq(at[10 + record + 4999], 16 * copy + 3);
		cr_expect_eq(at[10 + record + 5000], 0);
		cr_expect_eq(at[row - 1], 0);
	}
	cr_assert_eq(format_crc32(&toy, &f, &crc), 0);
	cr_expect_eq(crc, crc_crc32(0, buf, 3 * row));

	for (size_t at = 0; at + 50 < 3 * row; at += 41) {
		unsigned char part[50];

		cr_assert_eq(format_read(&toy, &f, part, 50, at), 50);
		cr_assert_arr_eq(part, buf + at, 50, "at %zu", at);
	}
}

Test(format, that_cannot_compute_says_so)
{
	struct dataset_file f = { .samples = 3,
				  .record_bytes = 1000,
				  .ndims = 1 };
	unsigned char buf[100];
	struct payload p;
	uint32_t crc;

	payload_init(&p, dtype_find("uint8"), 1);
	f.payload = &p;
	cr_expect_eq(format_read(&toy, &f, buf, 100, 0), 100);
	cr_expect_eq(format_read(&toy, &f, buf, 100, 2 * 6017 + 1000), -12);
	cr_expect_eq(format_crc32(&toy, &f, &crc), -12);
}
