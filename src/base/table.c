#include "base/table.h"

#include <errno.h>
#include <stdarg.h>

struct table {
	const struct table_column *columns;
	size_t n_columns;
	char **cells; /* row by row, the heading first */
	size_t n_cells, room;
	int rc; /* the first error */
};

int table_new(const struct table_column *columns, size_t n, struct table **out)
{
	struct table *t = calloc(1, sizeof(*t));

	if (!t)
		return -ENOMEM;
	t->columns = columns;
	t->n_columns = n;
	for (size_t i = 0; columns[0].title && i < n; i++)
		table_add(t, "%s", columns[i].title);
	*out = t;
	return 0;
}

void table_free(struct table *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->n_cells; i++)
		free(t->cells[i]);
	free(t->cells);
	free(t);
}

static int make_room(struct table *t)
{
	size_t room = t->room ? 2 * t->room : 64;
	char **cells;

	if (t->n_cells < t->room)
		return 0;
	cells = reallocarray(t->cells, room, sizeof(*cells));
	if (!cells)
		return -ENOMEM;
	t->cells = cells;
	t->room = room;
	return 0;
}

void table_add(struct table *t, const char *fmt, ...)
{
	va_list args;
	int len = -1;

	if (t->rc == 0)
		t->rc = make_room(t);
	if (t->rc)
		return;
	va_start(args, fmt);
	len = vasprintf(&t->cells[t->n_cells], fmt, args);
	va_end(args);
	if (len < 0)
		t->rc = -ENOMEM;
	else
		t->n_cells++;
}

/* In characters: bytes that do not continue one. */
static int width_of(const char *utf8)
{
	int width = 0;

	for (; *utf8; utf8++)
		width += (*utf8 & 0xc0) != 0x80;
	return width;
}

static int column_width(const struct table *t, size_t column)
{
	int widest = 0;

	for (size_t i = column; i < t->n_cells; i += t->n_columns)
		widest = MAX(widest, width_of(t->cells[i]));
	return widest;
}

/* Blanks wait until something follows them: no line ends in one. */
static void print_row(const struct table *t, size_t first, const int *widths,
		      FILE *stream)
{
	int blanks = 0;

	for (size_t c = 0; c < t->n_columns && first + c < t->n_cells; c++) {
		const char *cell = t->cells[first + c];
		bool right = t->columns[c].align == TABLE_RIGHT;
		int padding = widths[c] - width_of(cell);

		if (right)
			blanks += padding;
		if (*cell) {
			fprintf(stream, "%*s%s", blanks, "", cell);
			blanks = 0;
		}
		if (!right)
			blanks += padding;
		blanks += 2;
	}
	putc('\n', stream);
}

int table_print(struct table *t, FILE *stream)
{
	AUTO_FREE int *widths = calloc(t->n_columns, sizeof(*widths));

	if (t->rc)
		return t->rc;
	if (!widths)
		return -ENOMEM;
	for (size_t c = 0; c < t->n_columns; c++)
		widths[c] = column_width(t, c);
	for (size_t i = 0; i < t->n_cells; i += t->n_columns)
		print_row(t, i, widths, stream);
	return ferror(stream) ? -EIO : 0;
}
