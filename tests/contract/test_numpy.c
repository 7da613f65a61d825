/* NumPy itself reads what we write, and would have written the same bytes. */
#include "data/dataset.h"
#include "lib/written.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <string.h>

static void list_file(FILE *list, const struct dataset_file *f,
		      const char *name)
{
	fprintf(list, "%s %s ", name, f->dtype->name);
	for (unsigned k = 0; k < f->ndims; k++)
		fprintf(list, "%" PRIu64 ",", f->dims[k]);
	fprintf(list, "%" PRIu64 "\n", f->samples);
}

static void write_all(struct written *w)
{
	static const uint64_t dims[] = { 5, 6, 7, 8 }, line[] = { 1000 };
	static const struct dataset_options shapes[] = {
		{ .file_prefix = "plain", .record_length = 4096 },
		{ .file_prefix = "one", .record_length = 1 },
		{ .file_prefix = "many",
		  .record_length = 100,
		  .samples_per_file = 1234 },
		{ .file_prefix = "blocks", .record_length = 200000 },
		{ .file_prefix = "dims",
		  .record_dims = dims,
		  .record_ndims = 4,
		  .samples_per_file = 3 },
		{ .file_prefix = "line",
		  .record_dims = line,
		  .record_ndims = 1 },
	};
	static const char *const formats[] = { "npz", "npy" };
	const struct dtype *t;

	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		for (size_t k = 0; (t = dtype_at(k)); k++) {
			struct dataset_options o =
				shapes[(i + k) % ARRAY_SIZE(shapes)];
			char prefix[64];

			snprintf(prefix, sizeof(prefix), "%s_%s", o.file_prefix,
				 t->name);
			o.file_prefix = prefix;
			o.format = formats[i];
			o.dtype = t->name;
			o.files[DATASET_TRAIN] = 1;
			o.samples_per_file = MAX(o.samples_per_file, 1);
			o.seed = k;
			written_add(w, &o, list_file);
		}

	struct dataset_options o = { .format = "npz",
				     .dtype = "uint8",
				     .file_prefix = "varied",
				     .files = { 5, 0 },
				     .samples_per_file = 2,
				     .record_length = 50000,
				     .record_length_stdev = 20000 };

	written_add(w, &o, list_file);
}

Test(numpy, reads_our_files_and_would_write_the_same)
{
	struct written w;

	written_open(&w);
	write_all(&w);
	written_judge(&w, DLIOFS_SOURCE_DIR "/tests/lib/numpy_reads.py");
	written_close(&w);
}
