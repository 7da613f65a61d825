#include "config/config.h"
#include "lib/capture.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <string.h>

static int parse(const char *columns, struct config **c, struct capture *said)
{
	char text[512];
	int rc;

	snprintf(text, sizeof(text),
		 "dataset: {format: parquet, parquet: {columns: %s}}\n",
		 columns);
	*c = NULL;
	capture_start(said);
	rc = config_parse("w.yaml", text, strlen(text), NULL, 0, 0, c);
	capture_stop(said);
	return rc;
}

Test(columns, have_dlios_defaults)
{
	struct config_column *column;
	struct capture said;
	struct config *c;

	cr_assert_eq(parse("[{name: x, size: 12, read: false}, y, "
			   "{name: z, dtype: uint16}]",
			   &c, &said),
		     0, "%s", said.text);
	cr_assert_eq(c->dataset.parquet.columns.n, 3);
	column = c->dataset.parquet.columns.item;
	cr_expect_str_eq(column[0].name, "x");
	cr_expect_str_eq(column[0].dtype, "float32");
	cr_expect_eq(column[0].size, 12);
	cr_expect_not(column[0].read);
	cr_expect_str_eq(column[1].name, "y");
	cr_expect_eq(column[1].size, 1);
	cr_expect(column[1].read);
	cr_expect_str_eq(column[2].dtype, "uint16");
	cr_expect_eq(columns_find(&c->dataset.parquet.columns, "yellow", 1),
		     &column[1]);
	cr_expect_null(columns_find(&c->dataset.parquet.columns, "yell", 4));
	cr_expect_eq(c->dataset.parquet.row_group_size, 1024);
	cr_expect_eq(columns_sample_bytes(&c->dataset.parquet.columns),
		     12 * 4 + 4 + 2);
	config_free(c);
}

Test(columns, are_refused_with_the_place_where_they_are_wrong)
{
	static const struct {
		const char *columns, *said;
	} cases[] = {
		{ "7",
		  "w.yaml:1:38: dataset.parquet.columns: expected a list" },
		{ "[{nam: x}]", "a column has no nam" },
		{ "[{name: x, size: 0}]",
		  "expected a whole number, 1 or more" },
		{ "[{name: x, size: many}]", "expected a whole number" },
		{ "[{name: x, read: maybe}]", "expected true or false" },
		{ "[{name: [x]}]", "expected a name" },
		{ "[{name: x}, x]", "two columns are called x" },
		{ "[[x]]", "expected a map with a name and a dtype" },
		{ "[{name: x, dtype: a_dtype_that_is_too_long}]", "too long" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct capture said;
		struct config *c;

		cr_expect_eq(parse(cases[i].columns, &c, &said), -EINVAL,
			     "case %zu", i);
		cr_expect(strstr(said.text, cases[i].said), "case %zu: %s", i,
			  said.text);
	}
}
