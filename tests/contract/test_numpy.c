/* NumPy itself reads what we write, and would have written the same bytes. */
#include "base/rng.h"
#include "data/dataset.h"

#include <criterion/criterion.h>

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/wait.h>

/* Write a file in pieces of odd sizes, as a copying program might. */
static void write_file(const struct dataset *d, uint64_t i, const char *path)
{
	AUTO_FREE unsigned char *buf = malloc(70000);
	AUTO_CLOSE int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	uint64_t at = 0;
	ssize_t got;
	struct rng g;

	cr_assert_geq(fd, 0, "%s", path);
	rng_seed(&g, i);
	do {
		size_t n = 1 + rng_u64(&g) % 70000;

		got = dataset_read(d, i, buf, n, at);
		cr_assert_geq(got, 0);
		cr_assert_eq(write(fd, buf, (size_t)got), got);
		at += (uint64_t)got;
	} while (got > 0);
	cr_assert_eq(at, dataset_size(d, i));
}

static void list_file(FILE *list, const struct dataset *d, uint64_t i,
		      const char *name)
{
	struct dataset_file f;

	dataset_file(d, i, &f);
	fprintf(list, "%s %s ", name, f.dtype->name);
	for (unsigned k = 0; k < f.ndims; k++)
		fprintf(list, "%" PRIu64 ",", f.dims[k]);
	fprintf(list, "%" PRIu64 "\n", f.samples);
}

/* All files of a dataset go into the folder, and into its list. */
static void write_dataset(const struct dataset_options *o, const char *folder,
			  FILE *list)
{
	struct dataset *d = NULL;

	cr_assert_eq(dataset_new(o, &d), 0);
	for (uint64_t i = 0; i < o->files[DATASET_TRAIN]; i++) {
		char name[DATASET_MAX_NAME], path[512];
		const char *base;

		dataset_name(d, i, name);
		base = strrchr(name, '/') + 1;
		snprintf(path, sizeof(path), "%s/%s", folder, base);
		write_file(d, i, path);
		list_file(list, d, i, base);
	}
	dataset_free(d);
}

static void write_all(const char *folder)
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
	char path[512];

	snprintf(path, sizeof(path), "%s/list", folder);

	AUTO_FCLOSE FILE *list = fopen(path, "w");

	cr_assert_not_null(list);
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
			write_dataset(&o, folder, list);
		}

	struct dataset_options o = { .format = "npz",
				     .dtype = "uint8",
				     .file_prefix = "varied",
				     .files = { 5, 0 },
				     .samples_per_file = 2,
				     .record_length = 50000,
				     .record_length_stdev = 20000 };

	write_dataset(&o, folder, list);
}

Test(numpy, reads_our_files_and_would_write_the_same)
{
	char folder[] = "/tmp/dliofs-numpy-XXXXXX", command[512];
	int status;

	cr_assert_not_null(mkdtemp(folder));
	write_all(folder);
	snprintf(command, sizeof(command),
		 "/usr/bin/python3 '%s/tests/lib/numpy_reads.py' %s",
		 DLIOFS_SOURCE_DIR, folder);
	status = system(command);
	cr_expect_eq(status, 0, "%s: status %d", command, status);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	cr_expect_eq(system(command), 0);
}
