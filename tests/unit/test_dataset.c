#include "data/dataset.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <math.h>
#include <string.h>

/* What DLIO's configuration has when it says nothing. */
static struct dataset_options defaults(void)
{
	return (struct dataset_options){
		.format = "npz",
		.dtype = "uint8",
		.file_prefix = "img",
		.files = { 8, 0 },
		.samples_per_file = 1,
		.record_length = 65536,
		.seed = 1,
	};
}

static struct dataset *make(const struct dataset_options *o)
{
	struct dataset *d = NULL;

	cr_assert_eq(dataset_new(o, &d), 0);
	return d;
}

/* ---- Sizes: a DLIO run's ---- */

Test(dataset, sides_and_sizes_of_unet3d_are_dlios)
{
	static const struct {
		uint64_t sides[2];
		int64_t size;
	} files[] = {
		{ { 15865, 14125 }, 224093623 },
		{ { 7745, 12083 }, 93583333 },
		{ { 13860, 10074 }, 139625640 + 498 },
		{ { 12856, 12413 }, 12856LL * 12413 + 498 },
	};
	struct dataset_options o = defaults();
	double sum = 0, squares = 0, min = INFINITY, max = 0;
	struct dataset *d;

	o.files[DATASET_TRAIN] = 168;
	o.record_length = 146600628;
	o.record_length_stdev = 68341808;
	d = make(&o);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		struct dataset_file f;

		dataset_file(d, i, &f);
		cr_expect_eq(f.ndims, 2);
		cr_expect_eq(f.dims[0], files[i].sides[0], "%zu", i);
		cr_expect_eq(f.dims[1], files[i].sides[1], "%zu", i);
		cr_expect_eq(dataset_size(d, i), files[i].size, "%zu", i);
	}
	for (uint64_t i = 0; i < 168; i++) {
		double bytes = (double)dataset_size(d, i) - 498;

		sum += bytes;
		squares += bytes * bytes;
		min = fmin(min, bytes);
		max = fmax(max, bytes);
	}
	cr_expect_eq(sum, 25285981919);
	cr_expect_eq(dataset_bytes(d), 25285981919 + 168 * 498);
	cr_expect_eq(min, 46888650);
	cr_expect_eq(max, 301601979);
	cr_expect_float_eq(sqrt(squares / 168 - sum / 168 * (sum / 168)),
			   49.6e6, 0.05e6);
	dataset_free(d);
}

Test(dataset, sides_of_cosmoflow_are_dlios)
{
	static const uint64_t sides[][2] = {
		{ 1709, 1696 },
		{ 1648, 1680 },
		{ 1694, 1665 },
		{ 1686, 1683 },
	};
	struct dataset_options o = defaults();
	uint64_t sum = 0;
	struct dataset *d;

	o.files[DATASET_TRAIN] = 20;
	o.record_length = 2828486;
	o.record_length_stdev = 71311;
	d = make(&o);
	for (size_t i = 0; i < 16; i++) {
		struct dataset_file f;

		dataset_file(d, i, &f);
		sum += f.record_bytes;
		if (i < ARRAY_SIZE(sides))
			cr_expect_arr_eq(f.dims, sides[i], sizeof(sides[i]));
	}
	cr_expect_eq(sum, 45373844);
	dataset_free(d);
}

Test(dataset, sizes_without_deviation_are_dlios)
{
	static const struct {
		const char *format, *dtype;
		double length;
		uint64_t samples;
		int64_t record, file;
	} cases[] = {
		{ "npz", "uint8", 114660.07, 1, 338 * 338, 338 * 338 + 498 },
		{ "npz", "uint8", 4096, 1, 4096, 4594 },
		{ "npy", "uint8", 1000, 3, 961, 3011 },
		{ "npz", "uint8", 1000, 3, 961, 3 * 961 + 498 + 16 },
		/* A wider type makes the file larger: T23. */
		{ "npy", "float32", 1000, 3, 3844, 128 + 3 * 3844 },
		{ "npy", "uint8", 1, 1, 1, 129 },
		{ "npy", "uint8", 3.99, 1, 1, 129 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct dataset_options o = defaults();
		struct dataset_file f;
		struct dataset *d;

		o.format = cases[i].format;
		o.dtype = cases[i].dtype;
		o.record_length = cases[i].length;
		o.samples_per_file = cases[i].samples;
		d = make(&o);
		dataset_file(d, 7, &f);
		cr_expect_eq(f.record_bytes, (uint64_t)cases[i].record, "%zu",
			     i);
		cr_expect_eq(dataset_size(d, 7), cases[i].file, "%zu", i);
		dataset_free(d);
	}
}

Test(dataset, record_dims_are_the_shape)
{
	static const uint64_t dims[] = { 3, 5, 7 };
	struct dataset_options o = defaults();
	struct dataset_file f;
	struct dataset *d;

	o.format = "npy";
	o.dtype = "float64";
	o.record_dims = dims;
	o.record_ndims = 3;
	o.samples_per_file = 2;
	d = make(&o);
	dataset_file(d, 0, &f);
	cr_expect_eq(f.ndims, 3);
	cr_expect_arr_eq(f.dims, dims, sizeof(dims));
	cr_expect_eq(f.record_bytes, 3 * 5 * 7 * 8);
	cr_expect_eq(dataset_size(d, 0), 128 + 2 * 3 * 5 * 7 * 8);
	dataset_free(d);
}

/* Sides depend on nothing but the number of the file: more files, or files of
 * the other split, change none. */
Test(dataset, validation_files_are_numbered_after_training_files)
{
	struct dataset_options o = defaults();
	struct dataset *one, *two;

	o.record_length_stdev = 10000;
	o.files[DATASET_TRAIN] = 10;
	one = make(&o);
	o.files[DATASET_TRAIN] = 4;
	o.files[DATASET_EVAL] = 3;
	two = make(&o);
	for (uint64_t i = 0; i < 3; i++) {
		struct dataset_file a, b;

		dataset_file(one, 4 + i, &a);
		dataset_file(two, 4 + i, &b);
		cr_expect_eq(b.number, 4 + i);
		cr_expect_arr_eq(a.dims, b.dims, sizeof(a.dims));
	}
	dataset_free(one);
	dataset_free(two);
}

/* ---- Names ---- */

Test(dataset, names_are_dlios)
{
	static const struct {
		uint64_t files[2], subfolders[2];
		enum dataset_split split;
		uint64_t i;
		const char *name;
	} cases[] = {
		{ { 168, 0 },
		  { 0, 0 },
		  DATASET_TRAIN,
		  3,
		  "train/img_003_of_168.npz" },
		{ { 64, 0 },
		  { 0, 0 },
		  DATASET_TRAIN,
		  3,
		  "train/img_03_of_64.npz" },
		{ { 10, 0 },
		  { 0, 0 },
		  DATASET_TRAIN,
		  9,
		  "train/img_09_of_10.npz" },
		{ { 8, 0 }, { 0, 0 }, DATASET_TRAIN, 7, "train/img_7_of_8.npz" },
		{ { 64, 8 }, { 0, 0 }, DATASET_EVAL, 7, "valid/img_7_of_8.npz" },
		{ { 64, 8 },
		  { 1, 0 },
		  DATASET_TRAIN,
		  7,
		  "train/img_07_of_64.npz" },
		{ { 64, 8 },
		  { 4, 0 },
		  DATASET_TRAIN,
		  7,
		  "train/3/img_07_of_64.npz" },
		{ { 64, 8 }, { 4, 0 }, DATASET_EVAL, 7, "valid/img_7_of_8.npz" },
		{ { 42, 42 },
		  { 0, 11 },
		  DATASET_EVAL,
		  19,
		  "valid/08/img_19_of_42.npz" },
		{ { 42, 42 },
		  { 10, 0 },
		  DATASET_TRAIN,
		  19,
		  "train/09/img_19_of_42.npz" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct dataset_options o = defaults();
		char name[DATASET_MAX_NAME];
		struct dataset *d;

		memcpy(o.files, cases[i].files, sizeof(o.files));
		memcpy(o.subfolders, cases[i].subfolders, sizeof(o.files));
		d = make(&o);
		cr_expect_eq(dataset_count(d, cases[i].split),
			     cases[i].files[cases[i].split]);
		dataset_name(d, dataset_first(d, cases[i].split) + cases[i].i,
			     name);
		cr_expect_str_eq(name, cases[i].name);
		dataset_free(d);
	}
}

Test(dataset, files_are_found_by_name)
{
	struct dataset_options o = defaults();
	struct dataset *d;

	o.file_prefix = "a_1_of_2.b"; /* as confusing as a prefix can be */
	o.files[DATASET_TRAIN] = 123;
	o.files[DATASET_EVAL] = 20;
	o.subfolders[DATASET_EVAL] = 7;
	d = make(&o);
	cr_expect_eq(dataset_files(d), 143);
	for (uint64_t i = 0; i < 143; i++) {
		char name[DATASET_MAX_NAME];
		uint64_t found;

		dataset_name(d, i, name);
		cr_assert_eq(dataset_find(d, name, &found), 0, "%s", name);
		cr_expect_eq(found, i, "%s", name);
	}
	dataset_free(d);
}

Test(dataset, other_names_are_not_found)
{
	static const char *const names[] = {
		"",
		"train",
		"train/",
		"train/img_1_of_64.npz",
		"train/img_001_of_64.npz",
		"train/img_64_of_64.npz",
		"train/img_01_of_65.npz",
		"train/img_01_of_64.npy",
		"train/img_01_of_64.npz.tmp",
		"train/img_01_of_64.np",
		"train/img_-1_of_64.npz",
		"train/img_+1_of_64.npz",
		"train/img__of_64.npz",
		"train/img_18446744073709551617_of_64.npz",
		"train/1/img_01_of_64.npz",
		"train/jpg_01_of_64.npz",
		"/train/img_01_of_64.npz",
		"valid/img_1_of_8.npz",
		"valid/2/img_1_of_8.npz",
		"valid/01/img_1_of_8.npz",
		"test/img_01_of_64.npz",
	};
	struct dataset_options o = defaults();
	struct dataset *d;
	uint64_t i;

	o.files[DATASET_TRAIN] = 64;
	o.files[DATASET_EVAL] = 8;
	o.subfolders[DATASET_EVAL] = 4;
	d = make(&o);
	cr_expect_eq(dataset_find(d, "train/img_01_of_64.npz", &i), 0);
	cr_expect_eq(dataset_find(d, "valid/1/img_1_of_8.npz", &i), 0);
	for (size_t k = 0; k < ARRAY_SIZE(names); k++)
		cr_expect_eq(dataset_find(d, names[k], &i), -ENOENT, "%s",
			     names[k]);
	dataset_free(d);
}

/* ---- What cannot be ---- */

Test(dataset, nonsense_is_refused)
{
	static const uint64_t fine[] = { 3 }, none[] = { 3, 0 },
			      huge[] = { UINT64_MAX, 2 };
	static const struct {
		struct dataset_options o; /* what differs from defaults() */
	} cases[] = {
		{ { .format = "floppy" } },
		{ { .dtype = "quaternion" } },
		{ { .file_prefix = "a/b" } },
		{ { .file_prefix = "a\tb" } },
		{ { .file_prefix = "a\nb" } },
		{ { .record_length = 0.5 } },
		{ { .record_length = -4096 } },
		{ { .record_length = NAN } },
		{ { .record_length = INFINITY } },
		{ { .record_length = 1e22 } },
		{ { .record_length_stdev = NAN } },
		{ { .record_length_stdev = 1e300 } },
		{ { .record_dims = none, .record_ndims = 2 } },
		{ { .record_dims = huge, .record_ndims = 2 } },
		{ { .record_dims = fine, .record_ndims = 32 } },
		{ { .record_dims = fine,
		    .record_ndims = 1,
		    .record_length_stdev = 1 } },
		{ { .samples_per_file = (uint64_t)1 << 60 } },
		{ { .files = { UINT64_MAX, 0 } } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct dataset_options *c = &cases[i].o;
		struct dataset_options o = defaults();
		struct dataset *d = NULL;

		o.format = c->format ? c->format : o.format;
		o.dtype = c->dtype ? c->dtype : o.dtype;
		o.file_prefix = c->file_prefix ? c->file_prefix : o.file_prefix;
		if (c->record_length != 0)
			o.record_length = c->record_length;
		o.record_length_stdev = c->record_length_stdev;
		o.record_dims = c->record_dims;
		o.record_ndims = c->record_ndims;
		if (c->samples_per_file)
			o.samples_per_file = c->samples_per_file;
		if (c->files[0])
			o.files[0] = c->files[0];
		cr_expect_eq(dataset_new(&o, &d), -EINVAL, "case %zu", i);
		cr_expect_null(d);
	}
}

Test(dataset, no_samples_and_names_too_long_are_refused)
{
	struct dataset_options o = defaults();
	struct dataset *d = NULL;
	char prefix[300];

	o.samples_per_file = 0;
	cr_expect_eq(dataset_new(&o, &d), -EINVAL);

	o = defaults();
	o.file_prefix = prefix;
	memset(prefix, 'x', sizeof(prefix));
	prefix[255 - strlen("_0_of_8.npz") + 1] = '\0';
	cr_expect_eq(dataset_new(&o, &d), -EINVAL);
	prefix[255 - strlen("_0_of_8.npz")] = '\0';
	cr_expect_eq(dataset_new(&o, &d), 0);
	dataset_free(d);
	dataset_free(NULL);
}

Test(dataset, of_no_files_is_one)
{
	struct dataset_options o = defaults();
	struct dataset *d;

	o.files[DATASET_TRAIN] = 0;
	o.record_length_stdev = 100;
	d = make(&o);
	cr_expect_eq(dataset_count(d, DATASET_TRAIN), 0);
	dataset_free(d);
}
