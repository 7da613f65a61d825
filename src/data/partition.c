#include "data/partition.h"

#include "base/log.h"

#include <inttypes.h>
#include <string.h>

#define PLENTY ((uint64_t)1 << 40) /* as many as there may be files */

/* Numbers are counted from 0; those that are too large for a signed type go on
 * from its smallest, and those of floating point are exact. */
struct partition_type {
	const char *dtype;
	uint64_t values;
	int64_t least;
	const char *before, *after; /* the number */
};

static const struct partition_type types[] = {
	{ "uint8", UINT8_MAX + 1, 0, "", "" },
	{ "int8", UINT8_MAX + 1, INT8_MIN, "", "" },
	{ "uint16", UINT16_MAX + 1, 0, "", "" },
	{ "int16", UINT16_MAX + 1, INT16_MIN, "", "" },
	{ "uint32", (uint64_t)UINT32_MAX + 1, 0, "", "" },
	{ "int32", (uint64_t)UINT32_MAX + 1, INT32_MIN, "", "" },
	{ "uint64", PLENTY, 0, "", "" },
	{ "int64", PLENTY, INT64_MIN, "", "" },
	{ "float16", 1 << 11, 0, "", ".0" },
	{ "float32", 1 << 24, 0, "", ".0" },
	{ "float64", PLENTY, 0, "", ".0" },
	{ "string", PLENTY, 0, "s_", "" },
	{ "bool", 2, 0, "", "" },
};

static const struct partition_type *find_type(const char *dtype)
{
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (!strcmp(types[i].dtype, dtype))
			return &types[i];
	return NULL;
}

/* What stands for itself in the name of a folder. */
static bool is_plain(const char *name)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz0123456789_-.";

	return strspn(name, plain) == strlen(name);
}

int partition_init(struct partition *p, const struct config_columns *columns,
		   const char *by)
{
	const struct config_column *c;

	*p = (struct partition){ .column = "" };
	if (!by)
		return 0;
	c = columns_find(columns, by, strlen(by));
	if (!c)
		return log_invalid("dataset.parquet.partition_by: %s: none of "
				   "dataset.parquet.columns",
				   by);
	p->type = c->size == 1 ? find_type(c->dtype) : NULL;
	if (!p->type)
		return log_invalid("dataset.parquet.partition_by: %s: a folder "
				   "is named after one number, string or bool",
				   by);
	if (!is_plain(by))
		return log_invalid("dataset.parquet.partition_by: %s: a folder "
				   "is named with letters, digits, '_', '-' "
				   "and '.'",
				   by);
	if (columns->n == 1)
		return log_invalid("dataset.parquet.partition_by: %s: no other "
				   "column is left for the files",
				   by);
	memcpy(p->column, c->name, sizeof(p->column));
	return 0;
}

uint64_t partition_values(const struct partition *p)
{
	return p->type->values;
}

int partition_folder(const struct partition *p, uint64_t i,
		     char buf[PARTITION_MAX_FOLDER])
{
	const struct partition_type *t = p->type;
	int64_t value = (int64_t)i;

	if (t->values == 2)
		return snprintf(buf, PARTITION_MAX_FOLDER, "%s=%s/", p->column,
				i ? "true" : "false");
	if (t->least < 0 && i >= t->values / 2)
		value = t->least + (int64_t)(i - t->values / 2);
	return snprintf(buf, PARTITION_MAX_FOLDER, "%s=%s%" PRId64 "%s/",
			p->column, t->before, value, t->after);
}
