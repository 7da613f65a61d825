#include "base/table.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

static struct table *new_table(const struct table_column *columns, size_t n)
{
	struct table *t;

	cr_assert_eq(table_new(columns, n, &t), 0);
	return t;
}

/* Prints and frees it. */
static void expect(struct table *t, const char *want)
{
	char *text = NULL;
	size_t len = 0;
	FILE *stream = open_memstream(&text, &len);

	cr_expect_eq(table_print(t, stream), 0);
	fclose(stream);
	cr_expect_str_eq(text, want);
	free(text);
	table_free(t);
}

static const struct table_column columns[] = {
	{ "operation", TABLE_LEFT },
	{ "count", TABLE_RIGHT },
	{ "note", TABLE_LEFT },
};

Test(table, columns_are_aligned_under_their_titles)
{
	struct table *t = new_table(columns, 3);

	table_add(t, "%s", "read");
	table_add(t, "%d", 1234567);
	table_add(t, "%s", "hot");
	table_add(t, "%s", "first_byte_of_all");
	table_add(t, "%d", 5);
	table_add(t, "%s", "from the page cache");
	expect(t, "operation            count  note\n"
		  "read               1234567  hot\n"
		  "first_byte_of_all        5  from the page cache\n");
}

Test(table, no_line_ends_in_a_blank)
{
	struct table *t = new_table(columns, 3);

	table_add(t, "%s", "read");
	table_add(t, "%s", "");
	table_add(t, "%s", "");
	table_add(t, "%s", "");
	table_add(t, "%d", 1);
	table_add(t, "%s", "");
	table_add(t, "%s", "");
	table_add(t, "%s", "");
	table_add(t, "%s", "x");
	table_add(t, "%s", "short");
	expect(t, "operation  count  note\n"
		  "read\n"
		  "               1\n"
		  "                  x\n"
		  "short\n");
}

Test(table, a_table_without_rows_is_its_heading)
{
	expect(new_table(columns, 3), "operation  count  note\n");
}

Test(table, without_titles_there_is_no_heading)
{
	static const struct table_column bare[] = {
		{ NULL, TABLE_LEFT },
		{ NULL, TABLE_RIGHT },
	};
	struct table *t = new_table(bare, 2);

	table_add(t, "store");
	table_add(t, "%d", 7);
	table_add(t, "fuse");
	table_add(t, "%d", 12);
	expect(t, "store   7\n"
		  "fuse   12\n");
	expect(new_table(bare, 2), "");
}

Test(table, characters_count_not_bytes)
{
	static const struct table_column two[] = {
		{ "µs → ns", TABLE_LEFT },
		{ "é", TABLE_RIGHT },
	};
	struct table *t = new_table(two, 2);

	table_add(t, "1234567");
	table_add(t, "1");
	table_add(t, "𝄞");
	table_add(t, "22");
	expect(t, "µs → ns   é\n"
		  "1234567   1\n"
		  "𝄞        22\n");
}

Test(table, holds_as_many_rows_as_are_added)
{
	enum { ROWS = 1000 };
	struct table *t = new_table(columns, 1);
	char *text = NULL;
	size_t len = 0;
	FILE *stream = open_memstream(&text, &len);

	for (int i = 0; i < ROWS; i++)
		table_add(t, "%d", 1000 + i);
	cr_expect_eq(table_print(t, stream), 0);
	fclose(stream);
	cr_expect_eq(len, strlen("operation\n") + ROWS * strlen("1000\n"));
	cr_expect_str_eq(text + len - strlen("1999\n"), "1999\n");
	free(text);
	table_free(t);
}

Test(table, a_write_error_is_returned)
{
	FILE *full = fopen("/dev/full", "w");
	struct table *t = new_table(columns, 3);

	setvbuf(full, NULL, _IONBF, 0);
	cr_expect_eq(table_print(t, full), -EIO);
	fclose(full);
	table_free(t);
	table_free(NULL);
}
