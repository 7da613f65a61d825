/* Published signatures, as files of JSON hold them. */
#ifndef TESTS_LIB_VECTORS_H
#define TESTS_LIB_VECTORS_H

#include <jansson.h>

/* Asserts that the file is there; for json_decref(). */
json_t *vectors_load(const char *path);

/* A member that is a string, or NULL. */
const char *vectors_text(const json_t *object, const char *name);

/* {"Name": "value"} as lines "Name: value" that end with NULL; how many. */
#define VECTORS_HEADERS 32
size_t vectors_headers(json_t *object, const char *out[VECTORS_HEADERS]);
void vectors_free_headers(const char *const *headers, size_t n);

#endif
