/* What the signatures of requests have in common: headers and query as pairs,
 * which can be put in order.  The pairs point into what they were made of.
 * No state; any thread. */
#ifndef BACKENDS_CANON_H
#define BACKENDS_CANON_H

#include "backends/strbuf.h"

#define CANON_MAX 64 /* pairs */

struct canon_pair {
	const char *name, *value; /* neither ends with NUL */
	size_t name_len, value_len;
};

/* "Name: value", ends with NULL; the space around the value is left out.  In
 * the order of the lower-case names, those with the same name as they came.
 * The number of them, -EINVAL or -E2BIG. */
int canon_headers(const char *const *headers,
		  struct canon_pair out[CANON_MAX]) MUST_USE;

/* "a=b&c", in its order.  A value that is not there is empty; NULL is an empty
 * query.  The number of them, or -E2BIG. */
int canon_query(const char *query, struct canon_pair out[CANON_MAX]) MUST_USE;

/* By name and then by value, each as bytes. */
void canon_sort(struct canon_pair *pairs, size_t n);

bool canon_same_name(const struct canon_pair *a, const struct canon_pair *b);

/* In lower case. */
void canon_put_lower(struct strbuf *b, const char *text, size_t len);

/* With one blank for every run of white space. */
void canon_put_value(struct strbuf *b, const struct canon_pair *p);

#endif
