/* Tables of numbers; that they are pandas' own, an independent reader says
 * (e2e/decoded_reads), of shorter rows. */
#include "data/format.h"

#include <criterion/criterion.h>
#include <string.h>

/* Longer than what is kept of a row. */
#define COLUMNS 90000

static size_t count(const char *text, size_t len, char what)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += text[i] == what;
	return n;
}

Test(format_csv, has_the_same_row_for_each_sample_however_long)
{
	const uint64_t dims[] = { COLUMNS };
	const struct dataset_options o = { .format = "csv",
					   .dtype = "uint8",
					   .file_prefix = "img",
					   .files = { 1, 0 },
					   .samples_per_file = 3,
					   .record_dims = dims,
					   .record_ndims = 1 };
	struct dataset *d = NULL;
	AUTO_FREE char *text = NULL;
	size_t len, row;

	cr_assert_eq(dataset_new(&o, &d), 0);
	len = dataset_size(d, 0);
	row = len / 3;
	text = malloc(len);
	cr_assert_not_null(text);
	cr_assert_eq(dataset_read(d, 0, text, len, 0), (ssize_t)len);
	cr_assert_eq(len, 3 * row);
	cr_expect_gt(row, 256 * KIB);
	cr_expect_eq(count(text, row, ','), (size_t)COLUMNS - 1);
	cr_expect_eq(count(text, row, '\n'), 1u);
	cr_expect_eq(text[row - 1], '\n');
	cr_expect_eq(memcmp(text, text + row, row), 0);
	cr_expect_eq(memcmp(text, text + 2 * row, row), 0);
	dataset_free(d);
}
