/* A connection to a server, as libcurl has it: one exchange at a time.  The only
 * user of libcurl.
 *
 * Each stands alone, and shares neither names nor TLS sessions with others:
 * libcurl would guard them with one lock for all threads, to save what a kept
 * connection needs once.  And where a name has many addresses, as a large
 * store's has, each connection asks for itself and finds one of its own.
 *
 * One thread at a time. */
#ifndef BACKENDS_WIRE_H
#define BACKENDS_WIRE_H

#include "backends/http.h"

struct wire;

/* Before the first connection and after the last, by whoever has them; each
 * begin wants an end.  -ENOMEM. */
int wire_begin(void) MUST_USE;
void wire_end(void);

/* options: without zeros; ca_file NULL is the system's.  The caller's, and live
 * longer.  NULL: no memory. */
struct wire *wire_new(const struct http_options *options) MUST_USE;
void wire_free(struct wire *w); /* NULL is fine */

/* What http_perform() says, which looks at the clock.  After -ENOMEM the
 * connection is good for nothing. */
int wire_exchange(struct wire *w, struct http_exchange *x) MUST_USE;

#endif
