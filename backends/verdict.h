/* What an attempt of a call came to, and whether another may help: by the
 * store's table of errors, or, when no status came, by the network's.  Used by
 * rest.c alone.  No state. */
#ifndef BACKENDS_VERDICT_H
#define BACKENDS_VERDICT_H

#include "backends/rest.h"

struct verdict {
	int rc;
	enum rest_advice advice;
	char message[256]; /* the server's, or "" */
};

bool verdict_is_success(int status);

/* v->rc is what http_perform() said of x, and becomes the call's.  Sets the
 * call's code. */
void verdict_judge(struct verdict *v, const struct rest_dialect *d,
		   struct rest_call *call, const struct http_exchange *x);

#endif
