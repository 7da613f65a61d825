/* h5py itself reads what we write, and would have written the same. */
#include "base/rng.h"
#include "data/format.h"
#include "data/hdf5_shape.h"
#include "lib/fake_source.h"
#include "lib/written.h"
#include "train/reader.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

static const uint64_t line[] = { 1000 }, three[] = { 9, 5, 7 },
		      one[] = { 1, 300 }, four[] = { 40, 6, 7, 8 };

static const struct dataset_options shapes[] = {
	{ .record_length = 4096 },
	{ .record_length = 1 },
	{ .record_length = 1000, .samples_per_file = 3 },
	{ .record_length = 100, .samples_per_file = 1234 },
	{ .record_length = 2e5 },
	{ .record_dims = line, .record_ndims = 1 },
	{ .record_dims = one, .record_ndims = 2, .samples_per_file = 2 },
	{ .record_dims = three,
	  .record_ndims = 3,
	  .layout.hdf5.dsets_per_record = 3 },
	{ .record_dims = three,
	  .record_ndims = 3,
	  .samples_per_file = 300,
	  .layout.hdf5.dsets_per_record = 9 },
	{ .record_dims = four,
	  .record_ndims = 4,
	  .layout.hdf5.dsets_per_record = 40 },
	/* Chunked from here on. */
	{ .record_length = 40000,
	  .samples_per_file = 2,
	  .layout = { .compression = "gzip", .compression_level = 4 } },
	{ .record_dims = four,
	  .record_ndims = 4,
	  .samples_per_file = 3,
	  .layout = { .compression = "gzip",
		      .compression_level = 9,
		      .hdf5 = { .dsets_per_record = 4,
				.chunk_dims = { 5, { 2, 7, 6, 4, 5 } } } } },
	{ .record_length = 40000, .layout.compression = "lzf" },
	{ .record_length = 9e5,
	  .layout.hdf5.max_shape = { 2, { 2000, 1000 } } },
	{ .record_length = 5000,
	  .samples_per_file = 5,
	  .layout = { .compression = "lzf",
		      .hdf5 = { .chunk_dims = { 3, { 3, 9, 90 } },
				.max_shape = { 2, { 70, 100 } } } } },
	{ .record_length = 10000,
	  .samples_per_file = 3,
	  .layout.hdf5.chunk_dims = { 3, { 1, 10, 10 } } },
};

static void print_dims(FILE *list, const uint64_t *dims, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		fprintf(list, "%s%" PRIu64, i ? "," : "", dims[i]);
	fprintf(list, "%s ", n ? "" : "-");
}

static void list_file(FILE *list, const struct dataset_file *f,
		      const char *name)
{
	const struct dataset_layout *l = f->layout;
	const struct dataset_dims *chunk = &l->hdf5.chunk_dims;
	struct hdf5_shape s;

	hdf5_shape_of(f, &s);
	fprintf(list, "%s %s ", name, f->dtype->name);
	print_dims(list, s.dims, s.ndims);
	fprintf(list, "%u %s", s.datasets,
		l->compression ? l->compression : "-");
	if (s.filter == HDF5_GZIP)
		fprintf(list, ":%d", l->compression_level);
	fprintf(list, " ");
	print_dims(list, chunk->dim, chunk->n);
	print_dims(list, s.max, l->hdf5.max_shape.n ? s.ndims : 0);
	fprintf(list, "\n");
}

static void write_shape(const struct dataset_options *shape,
			const struct dtype *t, uint64_t files,
			struct written *w)
{
	struct dataset_options o = *shape;
	char prefix[64];

	snprintf(prefix, sizeof(prefix), "%p_%s", (const void *)shape, t->name);
	o.file_prefix = prefix;
	o.format = "hdf5";
	o.dtype = t->name;
	o.files[DATASET_TRAIN] = files;
	o.samples_per_file = MAX(o.samples_per_file, 1);
	written_add(w, &o, list_file);
}

static void write_guesses(FILE *list)
{
	struct rng g;

	rng_seed(&g, 1);
	for (unsigned i = 0; i < 500; i++) {
		struct hdf5_shape s = { .dtype = dtype_at(i % 14) };
		unsigned bits = 1 + (unsigned)(rng_u64(&g) % 40);

		s.ndims = 1 + (unsigned)(rng_u64(&g) % 5);
		for (unsigned k = 0; k < s.ndims; k++)
			s.dims[k] = 1 + rng_u64(&g) %
						((uint64_t)2 << bits / s.ndims);
		hdf5_shape_guess_chunk(&s);
		fprintf(list, "guess %s ", s.dtype->name);
		print_dims(list, s.dims, s.ndims);
		print_dims(list, s.chunk, s.ndims);
		fprintf(list, "\n");
	}
}

static void write_all(struct written *w)
{
	/* szip has an eye on the length of rows. */
	static const struct dataset_options szip[] = {
		{ .record_length = 20000,
		  .samples_per_file = 3,
		  .layout.compression = "szip" },
		{ .record_dims = line,
		  .record_ndims = 1,
		  .samples_per_file = 30,
		  .layout = { .compression = "szip",
			      .hdf5.chunk_dims = { 2, { 30, 6 } } } },
		{ .record_dims = line,
		  .record_ndims = 1,
		  .samples_per_file = 3,
		  .layout = { .compression = "szip",
			      .hdf5 = { .chunk_dims = { 2, { 2, 5000 } },
					.max_shape = { 1, { 5000 } } } } },
	};
	struct dataset_options varied = { .format = "hdf5",
					  .dtype = "uint8",
					  .file_prefix = "varied",
					  .files = { 20, 0 },
					  .samples_per_file = 2,
					  .record_length = 1500,
					  .record_length_stdev = 1500 };
	const struct dtype *t;

	for (size_t i = 0; i < ARRAY_SIZE(shapes); i++)
		write_shape(&shapes[i], dtype_find("uint8"), 2, w);
	for (size_t k = 0; (t = dtype_at(k)); k++)
		for (size_t i = k % 3; i < ARRAY_SIZE(shapes); i += 3)
			write_shape(&shapes[i], t, 1, w);
	for (size_t k = 0; (t = dtype_at(k)); k++)
		for (size_t i = 0; i < ARRAY_SIZE(szip); i++)
			if (t->kind != DTYPE_COMPLEX)
				write_shape(&szip[i], t, 1, w);
	written_add(w, &varied, list_file);
	write_guesses(w->list);
}

Test(h5py, reads_our_files_and_would_write_the_same)
{
	struct written w;

	written_open(&w);
	write_all(&w);
	written_judge(&w, DLIOFS_SOURCE_DIR "/tests/lib/h5py_reads.py");
	written_close(&w);
}

/* ---- And we what h5py writes, other than for DLIO ---- */

static const char writer[] =
	"import h5py, numpy as np, sys\n"
	"def w(name, libver, **options):\n"
	"    with h5py.File(f'{sys.argv[1]}/{name}', 'w', libver=libver) as f:\n"
	"        for i in range(2):\n"
	"            f.create_dataset(f'records_{i}', **options,\n"
	"                             data=np.arange(60000).reshape(3, 200, 100))\n"
	"w('old', 'earliest')\n"
	"w('old_chunks', 'earliest', compression='gzip')\n"
	"w('grows', 'latest', maxshape=(None, 200, 100), compression='lzf')\n"
	"w('grows_twice', 'latest', maxshape=(None, None, 100))\n"
	"w('one_chunk', 'latest', chunks=(3, 200, 100), compression='szip')\n"
	"w('shuffled', 'latest', shuffle=True)\n";

static void put_file(struct fake_source *s, const char *folder,
		     const char *name)
{
	AUTO_FREE unsigned char *bytes = malloc(4 * MIB);
	char path[512];
	size_t len;

	snprintf(path, sizeof(path), "%s/%s", folder, name);

	AUTO_FCLOSE FILE *in = fopen(path, "r");

	cr_assert(bytes && in, "%s", path);
	len = fread(bytes, 1, 4 * MIB, in);
	cr_assert(len > 0 && len < 4 * MIB);
	fake_source_put(s, name, bytes, len);
}

Test(h5py, writes_files_that_we_read)
{
	static const struct {
		const char *name;
		int rc;
	} cases[] = {
		{ "old", 0 },
		{ "old_chunks", 0 },
		{ "grows", 0 },
		{ "grows_twice", 0 },
		{ "one_chunk", 0 },
		{ "old", 0 },
		{ "shuffled", -EBADMSG },
	};
	char folder[] = "/tmp/dliofs-h5py-XXXXXX", command[2048];
	struct fake_source *fake = fake_source_new(4096);
	struct reader_setup setup = { .source = fake_source(fake),
				      .format = "hdf5",
				      .datasets = 2 };
	struct reader_cost cost;
	struct reader *r;

	cr_assert_not_null(mkdtemp(folder));
	snprintf(command, sizeof(command), "/usr/bin/python3 -c \"%s\" %s",
		 writer, folder);
	cr_assert_eq(system(command), 0);
	cr_assert_eq(reader_new(&setup, &r), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		put_file(fake, folder, cases[i].name);
		for (uint64_t k = 0; k < 3; k++)
			cr_expect_eq(
				reader_read(r,
					    &(struct reader_file){
						    .name = cases[i].name,
						    .sample = k,
						    .size = READER_ANY_SIZE,
					    },
					    &cost),
				cases[i].rc, "%s: %s", cases[i].name,
				reader_fault(r));
	}
	reader_free(r);
	source_free(fake_source(fake));
	snprintf(command, sizeof(command), "rm -r %s", folder);
	cr_expect_eq(system(command), 0);
}
