/* Prints a table with aligned columns, two spaces apart:
 *
 *	static const struct table_column columns[] = {
 *		{ "operation", TABLE_LEFT },
 *		{ "count", TABLE_RIGHT },
 *	};
 *
 *	rc = table_new(columns, ARRAY_SIZE(columns), &t);
 *	...
 *	table_add(t, "%s", "read");
 *	table_add(t, "%d", 42);
 *	rc = table_print(t, stdout);
 *	table_free(t);
 *
 * Cells are added row by row; the last row may be short.  A column is as wide
 * as its widest cell in characters (UTF-8); no line ends in a blank.  Without a
 * title for the first column there is no heading.  Errors are kept and come out
 * of table_print().  One thread at a time. */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include "base/util.h"

enum table_align { TABLE_LEFT, TABLE_RIGHT };

struct table_column {
	const char *title;
	enum table_align align;
};

struct table;

/* columns: at least one; kept, not copied. */
int table_new(const struct table_column *columns, size_t n,
	      struct table **out) MUST_USE;
void table_free(struct table *t); /* NULL is fine */
void table_add(struct table *t, const char *fmt, ...) PRINTF(2, 3);
int table_print(struct table *t, FILE *stream);

#endif
