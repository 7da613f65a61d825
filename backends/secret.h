/* Secrets in small files, and in strings.  No state; any thread; nothing is
 * logged. */
#ifndef BACKENDS_SECRET_H
#define BACKENDS_SECRET_H

#include "base/util.h"

/* A whole file of at most max bytes, for strbuf_wipe().  -EFBIG: it has more;
 * -EILSEQ: it is no text, for there is a NUL in it; -ENOMEM; else what opening
 * and reading it said. */
int secret_read(const char *path, size_t max, char **text) MUST_USE;

/* The same of any bytes, with a NUL behind the last.  What they are wiped with
 * must not stop at a NUL. */
int secret_read_bytes(const char *path, size_t max, char **bytes,
		      size_t *len) MUST_USE;

/* Put a copy in the place of each string that is not NULL.  -ENOMEM: some are
 * NULL now, and none is another's any more. */
int secret_copy(const char **const *strings, size_t n) MUST_USE;

#endif
