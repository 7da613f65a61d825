/* What is in a Parquet file besides values, written: the footer and the headers
 * of pages.  parquet_in.h reads them.  (parquet.thrift, Encodings.md and
 * LogicalTypes.md of Apache Parquet 2.10.)  Columns are those that pyarrow
 * makes of DLIO's: a scalar or a list of scalars, which may all be null and are
 * not.
 *
 * Functions are pure; any thread. */
#ifndef DATA_PARQUET_H
#define DATA_PARQUET_H

#include "data/thrift.h"

#define PARQUET_MAGIC "PAR1"
#define PARQUET_MAGIC_SIZE 4
#define PARQUET_TAIL_SIZE 8 /* at the end: length of the footer, magic */

enum parquet_physical {
	PARQUET_BOOLEAN,
	PARQUET_INT32,
	PARQUET_INT64,
	PARQUET_INT96,
	PARQUET_FLOAT,
	PARQUET_DOUBLE,
	PARQUET_BYTES,
	PARQUET_FIXED,
};

enum parquet_encoding {
	PARQUET_PLAIN = 0,
	PARQUET_OLD_DICTIONARY = 2,
	PARQUET_RLE = 3,
	PARQUET_DICTIONARY = 8,
};

enum parquet_page_type {
	PARQUET_DATA_PAGE = 0,
	PARQUET_DICTIONARY_PAGE = 2,
	PARQUET_DATA_PAGE_2 = 3,
};

/* A dtype of a column: what it is in the file, and which numbers fill it. */
struct parquet_type {
	const char *dtype;
	enum parquet_physical physical;
	int converted;	     /* ConvertedType; -1: none */
	const char *numbers; /* dtype of the payload */
	unsigned bits;	     /* of an annotated integer */
	bool is_signed;
};

/* NULL: no such dtype of columns. */
const struct parquet_type *parquet_type_find(const char *dtype);

/* Levels of a value that is there. */
#define PARQUET_SCALAR_DEF 1
#define PARQUET_LIST_DEF 3

struct parquet_column {
	const char *name;
	const struct parquet_type *type;
	bool list;
};

/* A column of a row group. */
struct parquet_chunk {
	uint64_t offset; /* of its first page */
	uint64_t packed, unpacked;
	uint64_t values;
	uint64_t dictionary; /* bytes of that page; 0: there is none */
	int codec;
};

/* chunks: of the first row group, of the second…; rows: of each group. */
struct parquet_footer {
	const struct parquet_column *columns;
	size_t n_columns, n_groups;
	const struct parquet_chunk *chunks;
	const uint64_t *rows;
};

/* The footer without length and magic. */
void parquet_put_footer(struct thrift_out *t, const struct parquet_footer *f);

struct parquet_page {
	enum parquet_page_type type;
	enum parquet_encoding encoding;
	uint64_t unpacked, packed, values;
	bool has_crc;
	uint32_t crc; /* CRC-32 of what is packed */
};

void parquet_put_page(struct thrift_out *t, const struct parquet_page *p);

#endif
