#include "config/columns.h"

#include "base/log.h"
#include "config/node.h"
#include "config/quote.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static int wrong(const char *path, const struct node *n, const char *expected)
{
	return log_invalid("%s: %s: expected %s, found %s", NODE_WHERE(n->mark),
			   path, expected, NODE_SAY(n));
}

static int read_text(const char *path, const struct node *n, char *out,
		     size_t room)
{
	if (n->kind >= NODE_LIST || n->kind == NODE_NULL || !*n->text)
		return wrong(path, n, "a name");
	if (strlen(n->text) >= room)
		return log_invalid("%s: %s: %s: too long", NODE_WHERE(n->mark),
				   path, n->text);
	memcpy(out, n->text, strlen(n->text) + 1);
	return 0;
}

static int read_name(const char *path, const struct node *n,
		     struct config_column *c)
{
	return read_text(path, n, c->name, sizeof(c->name));
}

static int read_dtype(const char *path, const struct node *n,
		      struct config_column *c)
{
	return read_text(path, n, c->dtype, sizeof(c->dtype));
}

static int read_size(const char *path, const struct node *n,
		     struct config_column *c)
{
	if (n->kind != NODE_INT || n->scalar.integer < 1)
		return wrong(path, n, "a whole number, 1 or more");
	c->size = (uint64_t)n->scalar.integer;
	return 0;
}

static int read_read(const char *path, const struct node *n,
		     struct config_column *c)
{
	if (n->kind != NODE_BOOL)
		return wrong(path, n, "true or false");
	c->read = n->scalar.boolean;
	return 0;
}

static const struct {
	const char *key;
	int (*read)(const char *path, const struct node *n,
		    struct config_column *c);
} parts[] = {
	{ "name", read_name },
	{ "dtype", read_dtype },
	{ "size", read_size },
	{ "read", read_read },
};

static int read_part(const char *path, const struct node *n,
		     struct config_column *c)
{
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (!strcmp(n->key, parts[i].key))
			return n->kind == NODE_NULL ? 0 :
						      parts[i].read(path, n, c);
	return log_invalid("%s: %s: a column has no %s, but name, dtype, size "
			   "and read",
			   NODE_WHERE(n->mark), path, n->key);
}

/* What is left out is as in DLIO; a name alone is a column, too. */
static int read_column(const char *path, const struct node *n,
		       struct config_column *c)
{
	int rc = 0;

	*c = (struct config_column){ "data", "float32", 1, true };
	if (n->kind < NODE_LIST)
		return read_name(path, n, c);
	if (n->kind != NODE_MAP)
		return wrong(path, n, "a map with a name and a dtype");
	for (size_t i = 0; i < n->n && !rc; i++)
		rc = read_part(path, n->item[i], c);
	return rc;
}

int columns_read(const char *path, const struct node *n,
		 struct config_columns *out)
{
	struct config_columns c = { 0 };
	int rc = 0;

	if (n->kind != NODE_LIST || n->n > COLUMNS_MAX)
		return wrong(path, n, "a list of columns, at most 1024");
	c.item = calloc(n->n + 1, sizeof(*c.item));
	if (!c.item)
		return log_fail(-ENOMEM, "configuration");
	for (; c.n < n->n && !rc; c.n++) {
		struct config_column *column = &c.item[c.n];

		rc = read_column(path, n->item[c.n], column);
		if (!rc && columns_find(&c, column->name, strlen(column->name)))
			rc = log_invalid("%s: %s: two columns are called %s",
					 NODE_WHERE(n->item[c.n]->mark), path,
					 column->name);
	}
	if (rc) {
		columns_free(&c);
		return rc;
	}
	columns_free(out);
	*out = c;
	return 0;
}

int columns_copy(const struct config_columns *from, struct config_columns *to)
{
	struct config_column *item = calloc(from->n + 1, sizeof(*item));

	*to = (struct config_columns){ 0 };
	if (!item)
		return log_fail(-ENOMEM, "configuration");
	if (from->n > 0)
		memcpy(item, from->item, from->n * sizeof(*item));
	*to = (struct config_columns){ from->n, item };
	return 0;
}

void columns_free(struct config_columns *c)
{
	free(c->item);
	*c = (struct config_columns){ 0 };
}

void columns_print(const struct config_columns *c, FILE *out)
{
	fputc('[', out);
	for (size_t i = 0; i < c->n; i++) {
		const struct config_column *column = &c->item[i];

		fputs(i ? ", {name: " : "{name: ", out);
		quote_print(column->name, out);
		fputs(", dtype: ", out);
		quote_print(column->dtype, out);
		fprintf(out, ", size: %" PRIu64 ", read: %s}", column->size,
			column->read ? "true" : "false");
	}
	fputc(']', out);
}

const struct config_column *columns_find(const struct config_columns *c,
					 const char *name, size_t len)
{
	for (size_t i = 0; i < c->n; i++)
		if (strlen(c->item[i].name) == len &&
		    !memcmp(c->item[i].name, name, len))
			return &c->item[i];
	return NULL;
}

static unsigned bytes_of(const char *dtype)
{
	static const struct {
		const char *end;
		unsigned bytes;
	} rows[] = {
		{ "t64", 8 }, { "t32", 4 },  { "t16", 2 },
		{ "t8", 1 },  { "bool", 1 },
	};
	size_t len = strlen(dtype);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		size_t end = strlen(rows[i].end);

		if (len >= end && !strcmp(dtype + len - end, rows[i].end))
			return rows[i].bytes;
	}
	return 4;
}

double columns_sample_bytes(const struct config_columns *c)
{
	double bytes = 0;

	for (size_t i = 0; i < c->n; i++)
		bytes += (double)c->item[i].size * bytes_of(c->item[i].dtype);
	return bytes;
}
