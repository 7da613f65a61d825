/* The small JSON documents that identity services answer with.  The only user
 * of Jansson.  One thread at a time. */
#ifndef BACKENDS_ANSWER_H
#define BACKENDS_ANSWER_H

#include "base/util.h"

struct answer;

/* An object, of at most 1 MiB.  -EBADMSG: it is none; nothing is said, for
 * there are secrets in it. */
int answer_new(const char *text, size_t len, struct answer **out) MUST_USE;
void answer_free(struct answer *a); /* NULL is fine; clears what it held */

/* A member that is a string, or NULL.  Lives as long as a. */
const char *answer_text(const struct answer *a, const char *name);

/* A member that is a number, or a string of digits: -ENOENT, -EINVAL. */
int answer_number(const struct answer *a, const char *name,
		  int64_t *out) MUST_USE;

#endif
