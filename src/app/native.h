/* A trainer's source straight on a store: the baseline without a mount, for
 * stores that are not file systems. */
#ifndef APP_NATIVE_H
#define APP_NATIVE_H

#include "backends/backend.h"
#include "train/source.h"

/* prefix, "" or ending in '/', goes before every name.  The store stays the
 * caller's. */
int native_source(struct backend *b, const char *prefix,
		  struct source **out) MUST_USE;

#endif
