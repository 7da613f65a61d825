/* A call of rest.h on its way, and one attempt of it: signed, sent when its turn
 * comes, judged and recorded. */
#ifndef BACKENDS_ATTEMPT_H
#define BACKENDS_ATTEMPT_H

#include "backends/complaint.h"
#include "backends/rest.h"
#include "backends/verdict.h"
#include "base/rng.h"

#define ATTEMPT_TIDYING_MS 10000 /* what tidies up has so long in all */

struct throttle;

struct rest {
	struct rest_options options;
	const struct rest_dialect *dialect;
	char *uri;
	struct http *http;
	struct throttle *throttle;
	_Atomic bool answered; /* by the server, ever */

	pthread_mutex_t lock; /* guards what follows */
	struct rng rng;
	struct complaints complaints;
};

/* A call on its way: one thread's. */
struct way {
	struct rest *rest;
	struct rest_call *call;
	struct http_exchange *x;
	uint64_t deadline_ns;
	bool refreshed;

	/* Of the last attempt. */
	char key[REST_KEY];
	struct verdict last;
	bool said;
};

/* The rest's stop flag, unless the call tidies up behind a stopped one. */
const _Atomic bool *attempt_stop(const struct way *w);

/* Once.  What came of it is in w->last, w->x and w->said. */
void attempt_make(struct way *w);

#endif
