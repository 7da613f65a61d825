/* Listing all of a store with several requests at a time.
 *
 * A server lists a thousand names per request, one request after the other;
 * only listings of different prefixes can go side by side.  So folders are
 * listed one level deep, and what they hold is work for the other threads; once
 * there is enough of that for all, folders are listed with everything below
 * them, which takes the fewest requests.  A store of this machine is listed by
 * one thread, and so is a folder without folders. */
#ifndef IO_CRAWL_H
#define IO_CRAWL_H

#include "backends/backend.h"

/* fn gets every object whose name starts with prefix ("", or ending in '/'),
 * as from backend_list(), one at a time but on any thread, in no order.  The
 * first error, the store's or fn's, ends it and is returned. */
int crawl(struct backend *b, const char *prefix, unsigned threads,
	  backend_list_fn fn, void *arg) MUST_USE;

#endif
