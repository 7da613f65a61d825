/* Writes JSON, indented, to a stream (which open_memstream() may have made):
 * values only, commas and indentation are taken care of.
 *
 *	struct json *j;
 *	json_new(stream, 4, &j);
 *	json_object(j, NULL);
 *		json_string(j, "name", "unet3d");
 *		json_array(j, "au");
 *			json_number(j, NULL, 94.9);
 *		json_end(j);
 *	json_end(j);
 *	rc = json_free(j);
 *
 * key is NULL inside an array and at the top.  Strings are UTF-8 and are
 * escaped (a byte that is no UTF-8 becomes U+FFFD), and NULL is written as null;
 * so are NaN and infinities.  A double is written with the fewest digits that
 * read back to the same value, as Python's repr does ("1.0", not "1").  The
 * spacing is Python's too.
 *
 * Nesting is at most JSON_DEPTH.  A write error, or a value where none can be,
 * is kept and comes out of json_free().  One thread at a time. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/util.h"

#define JSON_DEPTH 32

struct json;

/* indent 0: everything on one line.  The stream stays the caller's. */
int json_new(FILE *stream, int indent, struct json **out) MUST_USE;

/* 0, or the first error.  Every object and array must have been ended.  NULL
 * is fine.  Ends the text with a newline. */
int json_free(struct json *j);

void json_object(struct json *j, const char *key);
void json_array(struct json *j, const char *key);
void json_end(struct json *j);
void json_string(struct json *j, const char *key, const char *value);
void json_int(struct json *j, const char *key, int64_t value);
void json_uint(struct json *j, const char *key, uint64_t value);
void json_number(struct json *j, const char *key, double value);
void json_bool(struct json *j, const char *key, bool value);
void json_null(struct json *j, const char *key);

/* The shortest text that strtod() reads back to the same value, in Python's
 * spelling: 0.1, 1.0, 1e-05, 1e+16; "nan", "inf" and "-inf". */
#define JSON_DOUBLE_SIZE 48
void json_double(double value, char out[JSON_DOUBLE_SIZE]);

#endif
