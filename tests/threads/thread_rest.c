/* Threads call one server through one gate while it breaks every so many
 * requests, and some callers change their minds: every call that is not
 * cancelled delivers the right bytes, and in the end nobody is inside. */
#include "backends/rest.h"

#include "base/clock.h"
#include "lib/fault_server.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <string.h>

enum { THREADS = 8, EACH = 60, BODY = 20000 };

struct shared {
	struct rest *rest;
	struct fault_server *server;
	_Atomic unsigned refreshes, cancelled, complaints;
	_Atomic bool expired[THREADS][EACH]; /* told to that call */
};

struct caller {
	struct shared *shared;
	unsigned number;
	pthread_t thread;
};

#define CHECK(shared, condition)                                               \
	do {                                                                   \
		if (!(condition)) {                                            \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__,       \
				__LINE__, #condition);                         \
			(shared)->complaints++;                                \
		}                                                              \
	} while (0)

/* ---- The server ---------------------------------------------------------- */

/* A call that is told a second time that its key has expired fails. */
static bool may_expire(struct shared *s, const struct fault_request *q)
{
	unsigned caller, call;

	return sscanf(q->target, "/%*u/%u/%u", &caller, &call) == 2 &&
	       !atomic_exchange(&s->expired[caller][call], true);
}

/* "/7/2/7": 20000 times 7. */
static void answer(void *arg, const struct fault_request *q,
		   struct fault_answer *a)
{
	static const struct fault_answer faults[] = {
		{ .status = 503 },
		{ .fault = FAULT_RESET },
		{ .fault = FAULT_RESET_BODY, .at = 5000 },
		{ .status = 403, .body = "Expired" },
		{ .fault = FAULT_SHORT, .at = 5000 },
		{ .status = 500 },
		{ .fault = FAULT_STALL, .ms = 40 },
	};

	if (q->number % 7 == 3)
		*a = faults[q->number / 7 % ARRAY_SIZE(faults)];
	if (a->status == 403 && !may_expire(arg, q))
		*a = (struct fault_answer){ .status = 500 };
	if (a->status)
		return;
	a->owned = malloc(BODY);
	memset(a->owned, atoi(q->target + 1), BODY);
	a->body = a->owned;
	a->len = BODY;
}

/* ---- The store ----------------------------------------------------------- */

static int sign(void *store, const struct rest_call *call,
		struct rest_request *q)
{
	struct shared *s = store;

	(void)call;
	return rest_add_header(q, "Authorization: %u", (unsigned)s->refreshes);
}

static void refresh(void *store, const char *key)
{
	(void)key;
	((struct shared *)store)->refreshes++;
}

static void explain(const struct http_exchange *x, char code[REST_CODE],
		    char message[256])
{
	snprintf(code, REST_CODE, "%.60s", x->refusal);
	message[0] = '\0';
}

static const struct rest_error errors[] = {
	{ 403, "Expired", -EKEYEXPIRED, REST_REFRESH },
	{ 500, NULL, -EIO, REST_AGAIN },
	{ 503, NULL, -EBUSY, REST_SLOWER },
	{ 0, NULL, -EPROTO, REST_FINAL },
};

static const struct rest_dialect dialect = {
	.name = "test",
	.request_id = "x-id",
	.errors = errors,
	.explain = explain,
	.sign = sign,
	.refresh = refresh,
};

/* ---- The callers --------------------------------------------------------- */

static void get(struct caller *c, unsigned number, char *buf)
{
	struct shared *s = c->shared;
	char path[32];
	_Atomic bool cancel = number % 16 == 9;
	struct rest_call call = { .op = REC_READ,
				  .server = fault_server_url(s->server),
				  .path = path,
				  .into = buf,
				  .into_size = BODY,
				  .background = number % 2,
				  .cancel = &cancel };
	int rc;

	snprintf(path, sizeof(path), "/%u/%u/%u", number % 100, c->number,
		 number);
	memset(buf, -1, BODY);
	rc = rest_call(s->rest, &call);
	if (cancel) {
		CHECK(s, rc == -ECANCELED);
		s->cancelled++;
		return;
	}
	CHECK(s, rc == 0);
	for (size_t i = 0; i < BODY; i += 999)
		CHECK(s, buf[i] == (char)(number % 100));
}

static void *work(void *arg)
{
	AUTO_FREE char *buf = malloc(BODY);

	for (unsigned i = 0; i < EACH; i++)
		get(arg, i, buf);
	return NULL;
}

/* Gauges may be looked at meanwhile. */
static void *watch(void *arg)
{
	struct shared *s = arg;

	while (s->cancelled < THREADS * (EACH / 16)) {
		CHECK(s, rest_busy(s->rest) <= THREADS);
		CHECK(s, rest_limit(s->rest) >= 1);
		clock_sleep_until(clock_ns() + 1000000);
	}
	return NULL;
}

int main(void)
{
	struct shared s = { 0 };
	const struct fault_server_options server = { .handler = answer,
						     .arg = &s,
						     .forget = true };
	struct rest_options options = { .dialect = &dialect,
					.store = &s,
					.uri = "test://threads",
					.http = { .connect_ms = 60000,
						  .first_byte_ms = 60000,
						  .stall_ms = 60000 },
					.attempts = 100,
					.concurrency = 5,
					.pause_ms = 1,
					.seed = 1 };
	struct caller callers[THREADS];
	pthread_t watcher;

	unsetenv("http_proxy");
	unsetenv("all_proxy");
	if (recorder_new(-1, &options.recorder) ||
	    fault_server_new(&server, &s.server) || rest_new(&options, &s.rest))
		return 1;
	for (unsigned i = 0; i < THREADS; i++) {
		callers[i] = (struct caller){ .shared = &s, .number = i };
		pthread_create(&callers[i].thread, NULL, work, &callers[i]);
	}
	pthread_create(&watcher, NULL, watch, &s);
	for (int i = 0; i < THREADS; i++)
		pthread_join(callers[i].thread, NULL);
	pthread_join(watcher, NULL);

	CHECK(&s, rest_busy(s.rest) == 0);
	CHECK(&s, s.refreshes > 0);
	CHECK(&s, recorder_counter(options.recorder, REC_RETRIES) > 0);
	CHECK(&s, recorder_counter(options.recorder, REC_THROTTLED) > 0);
	CHECK(&s,
	      recorder_counter(options.recorder, REC_REFRESHED) == s.refreshes);
	CHECK(&s, fault_server_connections(s.server) < THREADS * EACH / 2);
	rest_free(s.rest);
	CHECK(&s, recorder_counter(options.recorder, REC_LIMIT) == 0);
	fault_server_free(s.server);
	recorder_free(options.recorder);
	return s.complaints != 0;
}
