/* Apache Thrift's compact protocol, as much of it as the metadata of Parquet
 * takes: structs, lists, numbers, texts.  (thrift-compact-protocol.md of Apache
 * Thrift.)
 *
 * Pure; a struct belongs to one thread. */
#ifndef DATA_THRIFT_H
#define DATA_THRIFT_H

#include "base/util.h"

#define THRIFT_MAX_DEPTH 16

enum thrift_type {
	THRIFT_STOP,
	THRIFT_TRUE, /* a bool's value is its type */
	THRIFT_FALSE,
	THRIFT_BYTE,
	THRIFT_I16,
	THRIFT_I32,
	THRIFT_I64,
	THRIFT_DOUBLE,
	THRIFT_BINARY,
	THRIFT_LIST,
	THRIFT_SET,
	THRIFT_MAP,
	THRIFT_STRUCT,
};

/* ---- Writing ---- */

/* Begin zeroed; free bytes.  The outermost struct is open already, and ends
 * with thrift_end().  Fields of a struct go in by growing numbers. */
struct thrift_out {
	unsigned char *bytes;
	size_t len, room;
	bool failed; /* no memory: what was written since is not there */
	unsigned depth;
	int last[THRIFT_MAX_DEPTH];
};

void thrift_put_int(struct thrift_out *t, int field, enum thrift_type type,
		    int64_t n);
void thrift_put_bool(struct thrift_out *t, int field, bool is);
void thrift_put_text(struct thrift_out *t, int field, const char *text);

/* A struct as a field; what follows is in it until its end. */
void thrift_begin(struct thrift_out *t, int field);
void thrift_end(struct thrift_out *t);

/* A list as a field; its n items follow. */
void thrift_put_list(struct thrift_out *t, int field, enum thrift_type of,
		     size_t n);
void thrift_item_begin(struct thrift_out *t); /* ends with thrift_end() */
void thrift_item_int(struct thrift_out *t, int64_t n);
void thrift_item_text(struct thrift_out *t, const char *text);

/* ---- Reading ---- */

struct thrift_in {
	const unsigned char *at, *end;
	bool bad; /* what came is not Thrift, or is cut */
	unsigned depth;
	int last[THRIFT_MAX_DEPTH];
};

void thrift_read(struct thrift_in *t, const void *bytes, size_t len);

struct thrift_field {
	int id;
	enum thrift_type type;
};

/* The next field of the struct that is open; false: that was its end, or it is
 * bad.  Its value is read, or skipped, before the next. */
bool thrift_next(struct thrift_in *t, struct thrift_field *f);

/* Any whole number or bool. */
int64_t thrift_int(struct thrift_in *t, const struct thrift_field *f);

/* The bytes stay where they are. */
const char *thrift_text(struct thrift_in *t, const struct thrift_field *f,
			size_t *len);

/* Into a field that is a struct; it is over when thrift_next() says so. */
void thrift_open(struct thrift_in *t, const struct thrift_field *f);

/* Into a list: the number of items and the type of all.  An item that is a
 * struct is opened like a field.  0: empty, or bad. */
size_t thrift_list(struct thrift_in *t, const struct thrift_field *f,
		   struct thrift_field *item);

void thrift_skip(struct thrift_in *t, const struct thrift_field *f);

#endif
