/* Parquet's partition_by, through the dataset: which folders there are, and
 * that files are found in them. */
#include "data/dataset.h"
#include "lib/capture.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

static struct config_column columns[] = {
	{ "u8", "uint8", 1, true },   { "i8", "int8", 1, true },
	{ "f", "float32", 1, true },  { "h", "float16", 1, true },
	{ "t", "bool", 1, true },     { "s", "string", 1, true },
	{ "b", "binary", 1, true },   { "l", "int32", 4, true },
	{ "x y", "uint16", 1, true }, { "one", "list", 1, true },
	{ "i16", "int16", 1, true },  { "u64", "uint64", 1, true },
};

static struct dataset_options options(const char *by, uint64_t files,
				      uint64_t subfolders)
{
	return (struct dataset_options){
		.format = "parquet",
		.dtype = "uint8",
		.file_prefix = "img",
		.files = { files, 2 },
		.subfolders = { subfolders, 0 },
		.samples_per_file = 3,
		.record_length = 100,
		.layout.parquet = { .columns = { ARRAY_SIZE(columns), columns },
				    .partition_by = by },
	};
}

Test(partition, folders_are_named_after_values)
{
	static const struct {
		const char *by;
		uint64_t files, subfolders, file;
		const char *name;
		uint64_t folders; /* with those of two files to evaluate */
	} cases[] = {
		{ "u8", 8, 0, 7, "train/u8=7/img_7_of_8.parquet", 10 },
		{ "u8", 8, 3, 7, "train/u8=1/img_7_of_8.parquet", 5 },
		{ "u8", 8, 1, 7, "train/u8=0/img_7_of_8.parquet", 3 },
		{ "u8", 600, 0, 513, "train/u8=1/img_513_of_600.parquet", 258 },
		{ "u8", 8, 3, 9, "valid/u8=1/img_1_of_2.parquet", 5 },
		{ "i8", 600, 0, 383, "train/i8=127/img_383_of_600.parquet",
		  258 },
		{ "i8", 600, 0, 384, "train/i8=-128/img_384_of_600.parquet",
		  258 },
		{ "i16", 99999, 0, 65535,
		  "train/i16=-1/img_65535_of_99999.parquet", 65538 },
		{ "f", 12, 0, 11, "train/f=11.0/img_11_of_12.parquet", 14 },
		{ "h", 9999, 0, 2049, "train/h=1.0/img_2049_of_9999.parquet",
		  2050 },
		{ "t", 12, 0, 6, "train/t=false/img_06_of_12.parquet", 4 },
		{ "t", 12, 0, 7, "train/t=true/img_07_of_12.parquet", 4 },
		{ "s", 12, 5, 11, "train/s=s_1/img_11_of_12.parquet", 7 },
		{ "u64", 12, 0, 11, "train/u64=11/img_11_of_12.parquet", 14 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct dataset_options o = options(cases[i].by, cases[i].files,
						   cases[i].subfolders);
		char name[DATASET_MAX_NAME], folder[DATASET_MAX_NAME];
		struct dataset *d = NULL;
		uint64_t found = 0;

		cr_assert_eq(dataset_new(&o, &d), 0, "case %zu", i);
		dataset_name(d, cases[i].file, name);
		cr_expect_str_eq(name, cases[i].name, "%s", name);
		cr_expect_eq(dataset_find(d, name, &found), 0);
		cr_expect_eq(found, cases[i].file);
		cr_expect_eq(dataset_folders(d), cases[i].folders, "%s: %zu",
			     name, (size_t)dataset_folders(d));
		dataset_folder_name(d, 0, folder);
		cr_expect(!strncmp(folder, "train/", 6) && strchr(folder, '='),
			  "%s", folder);
		dataset_free(d);
	}
}

Test(partition, other_folders_have_no_such_file)
{
	static const char *const names[] = {
		"train/img_7_of_8.parquet",
		"train/7/img_7_of_8.parquet",
		"train/u8=6/img_7_of_8.parquet",
		"train/u8=07/img_7_of_8.parquet",
		"train/u8=7/7/img_7_of_8.parquet",
		"train/i8=7/img_7_of_8.parquet",
	};
	struct dataset_options o = options("u8", 8, 0);
	struct dataset *d = NULL;
	uint64_t i;

	cr_assert_eq(dataset_new(&o, &d), 0);
	for (size_t k = 0; k < ARRAY_SIZE(names); k++)
		cr_expect_eq(dataset_find(d, names[k], &i), -ENOENT, "%s",
			     names[k]);
	dataset_free(d);
}

/* The bytes of a file, to look for names of columns in its footer. */
static bool has(const struct dataset *d, const char *text)
{
	unsigned char bytes[8192];
	ssize_t len = dataset_read(d, 0, bytes, sizeof(bytes), 0);

	return len > 0 && memmem(bytes, (size_t)len, text, strlen(text));
}

Test(partition, the_column_is_not_in_the_files)
{
	struct dataset_options o = options("i16", 4, 0);
	struct dataset *by = NULL, *plain = NULL;

	cr_assert_eq(dataset_new(&o, &by), 0);
	o.layout.parquet.partition_by = NULL;
	cr_assert_eq(dataset_new(&o, &plain), 0);
	cr_expect(has(plain, "i16") && !has(by, "i16"));
	cr_expect(has(plain, "u64") && has(by, "u64"), "the last column");
	cr_expect(has(plain, "one") && has(by, "one"), "the one before");
	dataset_free(by);
	dataset_free(plain);
}

Test(partition, what_names_no_folder_is_refused)
{
	static const struct {
		const char *by, *said;
		uint64_t subfolders;
		size_t columns;
	} cases[] = {
		{ "nobody", "nobody: none of dataset.parquet.columns", 0,
		  ARRAY_SIZE(columns) },
		{ "", "partition_by: : none of", 0, ARRAY_SIZE(columns) },
		{ "u8", "u8: none of", 0, 0 },
		{ "b", "b: a folder is named after one number", 0,
		  ARRAY_SIZE(columns) },
		{ "l", "l: a folder is named after one number", 0,
		  ARRAY_SIZE(columns) },
		{ "one", "one: a folder is named after one number", 0,
		  ARRAY_SIZE(columns) },
		{ "x y", "letters, digits", 0, ARRAY_SIZE(columns) },
		{ "t", "t, to partition by, has 2 values", 3,
		  ARRAY_SIZE(columns) },
		{ "u8", "no other column", 0, 1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct dataset_options o =
			options(cases[i].by, 8, cases[i].subfolders);
		struct dataset *d = NULL;
		struct capture said;

		o.layout.parquet.columns.n = cases[i].columns;
		capture_start(&said);
		cr_expect_eq(dataset_new(&o, &d), -EINVAL, "%zu", i);
		capture_stop(&said);
		cr_expect(strstr(said.text, cases[i].said), "%zu: %s", i,
			  said.text);
	}
}

Test(partition, is_of_no_other_format)
{
	struct dataset_options o = options("nobody", 8, 0);
	struct dataset *d = NULL;
	char name[DATASET_MAX_NAME];

	o.format = "npz";
	cr_assert_eq(dataset_new(&o, &d), 0);
	dataset_name(d, 0, name);
	cr_expect_str_eq(name, "train/img_0_of_8.npz");
	dataset_free(d);
}
