#include "data/parquet.h"

#include <string.h>

/* Numbers of enum ConvertedType. */
enum {
	NONE = -1,
	UTF8 = 0,
	LIST = 3,
	UINT_8 = 11,
	UINT_16,
	UINT_32,
	UINT_64,
	INT_8,
	INT_16,
};

static const struct parquet_type types[] = {
	{ "uint8", PARQUET_INT32, UINT_8, "uint8", 8, false },
	{ "uint16", PARQUET_INT32, UINT_16, "uint16", 16, false },
	{ "uint32", PARQUET_INT32, UINT_32, "uint32", 32, false },
	{ "uint64", PARQUET_INT64, UINT_64, "uint64", 64, false },
	{ "int8", PARQUET_INT32, INT_8, "int8", 8, true },
	{ "int16", PARQUET_INT32, INT_16, "int16", 16, true },
	{ "int32", PARQUET_INT32, NONE, "int32", 0, true },
	{ "int64", PARQUET_INT64, NONE, "int64", 0, true },
	{ "float16", PARQUET_FIXED, NONE, "float16", 0, false },
	{ "float32", PARQUET_FLOAT, NONE, "float32", 0, false },
	{ "float64", PARQUET_DOUBLE, NONE, "float64", 0, false },
	{ "list", PARQUET_FLOAT, NONE, "float32", 0, false },
	{ "string", PARQUET_BYTES, UTF8, "uint32", 0, false },
	{ "binary", PARQUET_BYTES, NONE, "uint8", 0, false },
	{ "bool", PARQUET_BOOLEAN, NONE, "bool", 0, false },
};

const struct parquet_type *parquet_type_find(const char *dtype)
{
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (!strcmp(dtype, types[i].dtype))
			return &types[i];
	return NULL;
}

/* ---- Writing ---- */

enum { REQUIRED, OPTIONAL, REPEATED };

/* Fields of SchemaElement. */
enum {
	ELEMENT_TYPE = 1,
	ELEMENT_LENGTH,
	ELEMENT_REPETITION,
	ELEMENT_NAME,
	ELEMENT_CHILDREN,
	ELEMENT_CONVERTED,
	ELEMENT_LOGICAL = 10,
};

/* Members of the union LogicalType. */
enum {
	LOGICAL_STRING = 1,
	LOGICAL_LIST = 3,
	LOGICAL_INT = 10,
	LOGICAL_FLOAT16 = 15
};

static void put_empty(struct thrift_out *t, int field)
{
	thrift_begin(t, field);
	thrift_end(t);
}

static void put_logical(struct thrift_out *t, const struct parquet_type *type)
{
	bool half = !strcmp(type->dtype, "float16");

	if (!type->bits && type->converted != UTF8 && !half)
		return;
	thrift_begin(t, ELEMENT_LOGICAL);
	if (type->bits) {
		thrift_begin(t, LOGICAL_INT);
		thrift_put_int(t, 1, THRIFT_BYTE, type->bits);
		thrift_put_bool(t, 2, type->is_signed);
		thrift_end(t);
	} else {
		put_empty(t, half ? LOGICAL_FLOAT16 : LOGICAL_STRING);
	}
	thrift_end(t);
}

static void put_leaf(struct thrift_out *t, const char *name,
		     const struct parquet_type *type)
{
	thrift_item_begin(t);
	thrift_put_int(t, ELEMENT_TYPE, THRIFT_I32, type->physical);
	if (type->physical == PARQUET_FIXED)
		thrift_put_int(t, ELEMENT_LENGTH, THRIFT_I32, 2);
	thrift_put_int(t, ELEMENT_REPETITION, THRIFT_I32, OPTIONAL);
	thrift_put_text(t, ELEMENT_NAME, name);
	if (type->converted >= 0)
		thrift_put_int(t, ELEMENT_CONVERTED, THRIFT_I32,
			       type->converted);
	put_logical(t, type);
	thrift_end(t);
}

static void put_group(struct thrift_out *t, const char *name, int repetition,
		      size_t children, bool list)
{
	thrift_item_begin(t);
	thrift_put_int(t, ELEMENT_REPETITION, THRIFT_I32, repetition);
	thrift_put_text(t, ELEMENT_NAME, name);
	thrift_put_int(t, ELEMENT_CHILDREN, THRIFT_I32, (int64_t)children);
	if (list) {
		thrift_put_int(t, ELEMENT_CONVERTED, THRIFT_I32, LIST);
		thrift_begin(t, ELEMENT_LOGICAL);
		put_empty(t, LOGICAL_LIST);
		thrift_end(t);
	}
	thrift_end(t);
}

static void put_schema(struct thrift_out *t, const struct parquet_footer *f)
{
	size_t elements = 1;

	for (size_t i = 0; i < f->n_columns; i++)
		elements += f->columns[i].list ? 3 : 1;
	thrift_put_list(t, 2, THRIFT_STRUCT, elements);
	put_group(t, "schema", REQUIRED, f->n_columns, false);
	for (size_t i = 0; i < f->n_columns; i++) {
		const struct parquet_column *c = &f->columns[i];

		if (c->list) {
			put_group(t, c->name, OPTIONAL, 1, true);
			put_group(t, "list", REPEATED, 1, false);
		}
		put_leaf(t, c->list ? "element" : c->name, c->type);
	}
}

/* Fields of ColumnMetaData. */
enum {
	CHUNK_TYPE = 1,
	CHUNK_ENCODINGS,
	CHUNK_PATH,
	CHUNK_CODEC,
	CHUNK_VALUES,
	CHUNK_UNPACKED,
	CHUNK_PACKED,
	CHUNK_DATA = 9,
	CHUNK_DICTIONARY = 11,
};

static void put_chunk(struct thrift_out *t, const struct parquet_column *c,
		      const struct parquet_chunk *chunk)
{
	thrift_item_begin(t);
	thrift_put_int(t, 2, THRIFT_I64, (int64_t)chunk->offset);
	thrift_begin(t, 3);
	thrift_put_int(t, CHUNK_TYPE, THRIFT_I32, c->type->physical);
	thrift_put_list(t, CHUNK_ENCODINGS, THRIFT_I32,
			chunk->dictionary ? 3 : 2);
	thrift_item_int(t, PARQUET_PLAIN);
	thrift_item_int(t, PARQUET_RLE);
	if (chunk->dictionary)
		thrift_item_int(t, PARQUET_DICTIONARY);
	thrift_put_list(t, CHUNK_PATH, THRIFT_BINARY, c->list ? 3 : 1);
	thrift_item_text(t, c->name);
	if (c->list) {
		thrift_item_text(t, "list");
		thrift_item_text(t, "element");
	}
	thrift_put_int(t, CHUNK_CODEC, THRIFT_I32, chunk->codec);
	thrift_put_int(t, CHUNK_VALUES, THRIFT_I64, (int64_t)chunk->values);
	thrift_put_int(t, CHUNK_UNPACKED, THRIFT_I64, (int64_t)chunk->unpacked);
	thrift_put_int(t, CHUNK_PACKED, THRIFT_I64, (int64_t)chunk->packed);
	thrift_put_int(t, CHUNK_DATA, THRIFT_I64,
		       (int64_t)(chunk->offset + chunk->dictionary));
	if (chunk->dictionary)
		thrift_put_int(t, CHUNK_DICTIONARY, THRIFT_I64,
			       (int64_t)chunk->offset);
	thrift_end(t);
	thrift_end(t);
}

static void put_groups(struct thrift_out *t, const struct parquet_footer *f)
{
	thrift_put_list(t, 4, THRIFT_STRUCT, f->n_groups);
	for (size_t g = 0; g < f->n_groups; g++) {
		const struct parquet_chunk *chunks =
			f->chunks + g * f->n_columns;
		uint64_t bytes = 0;

		thrift_item_begin(t);
		thrift_put_list(t, 1, THRIFT_STRUCT, f->n_columns);
		for (size_t c = 0; c < f->n_columns; c++) {
			put_chunk(t, &f->columns[c], &chunks[c]);
			bytes += chunks[c].unpacked;
		}
		thrift_put_int(t, 2, THRIFT_I64, (int64_t)bytes);
		thrift_put_int(t, 3, THRIFT_I64, (int64_t)f->rows[g]);
		thrift_end(t);
	}
}

void parquet_put_footer(struct thrift_out *t, const struct parquet_footer *f)
{
	uint64_t rows = 0;

	for (size_t g = 0; g < f->n_groups; g++)
		rows += f->rows[g];
	thrift_put_int(t, 1, THRIFT_I32, 2); /* as pyarrow's 2.6 */
	put_schema(t, f);
	thrift_put_int(t, 3, THRIFT_I64, (int64_t)rows);
	put_groups(t, f);
	thrift_put_text(t, 6, "dliofs");
	thrift_end(t);
}

/* Fields of PageHeader. */
enum {
	PAGE_TYPE = 1,
	PAGE_UNPACKED,
	PAGE_PACKED,
	PAGE_CRC,
	PAGE_DATA,
	PAGE_DICTIONARY = 7,
};

void parquet_put_page(struct thrift_out *t, const struct parquet_page *p)
{
	bool data = p->type == PARQUET_DATA_PAGE;

	thrift_put_int(t, PAGE_TYPE, THRIFT_I32, p->type);
	thrift_put_int(t, PAGE_UNPACKED, THRIFT_I32, (int64_t)p->unpacked);
	thrift_put_int(t, PAGE_PACKED, THRIFT_I32, (int64_t)p->packed);
	if (p->has_crc)
		thrift_put_int(t, PAGE_CRC, THRIFT_I32, (int32_t)p->crc);
	thrift_begin(t, data ? PAGE_DATA : PAGE_DICTIONARY);
	thrift_put_int(t, 1, THRIFT_I32, (int64_t)p->values);
	thrift_put_int(t, 2, THRIFT_I32, p->encoding);
	if (data) {
		thrift_put_int(t, 3, THRIFT_I32, PARQUET_RLE);
		thrift_put_int(t, 4, THRIFT_I32, PARQUET_RLE);
	}
	thrift_end(t);
	thrift_end(t);
}
