#include "backends/rest.h"

#include "backends/complaint.h"
#include "backends/retry.h"
#include "backends/strbuf.h"
#include "backends/throttle.h"
#include "backends/verdict.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/rng.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#define ATTEMPTS 10
#define ATTEMPTS_OF_STRANGERS 3
#define DEADLINE_MS 120000
#define TIDYING_MS 10000
#define CONCURRENCY 16
#define PAUSE_MS 200

#define NS_PER_MS (NS_PER_SEC / 1000)
#define LOOK_NS (50 * NS_PER_MS) /* how often the flags are looked at */

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

static bool is_set(const _Atomic bool *flag)
{
	return flag && atomic_load_explicit(flag, memory_order_relaxed);
}

static const _Atomic bool *stop_of(const struct way *w)
{
	return w->call->tidies ? NULL : w->rest->options.stop;
}

static bool is_ended(const struct way *w)
{
	return is_set(stop_of(w)) || is_set(w->call->cancel);
}

/* ---- Asking -------------------------------------------------------------- */

int rest_add_header(struct rest_request *q, const char *fmt, ...)
{
	size_t room = sizeof(q->strings) - q->used, n = 0;
	char *text = q->strings + q->used;
	va_list args;
	int len;

	while (n < ARRAY_SIZE(q->headers) && q->headers[n])
		n++;
	va_start(args, fmt);
	len = vsnprintf(text, room, fmt, args);
	va_end(args);
	if (len < 0 || (size_t)len >= room || n + 1 >= ARRAY_SIZE(q->headers))
		return -EMSGSIZE;
	q->used += (size_t)len + 1;
	q->headers[n] = text;
	q->headers[n + 1] = NULL;
	return 0;
}

static int copy_headers(struct rest_request *q, const struct rest_call *call)
{
	size_t n = 0;

	for (; call->headers && call->headers[n]; n++) {
		if (n + 1 >= ARRAY_SIZE(q->headers))
			return -EMSGSIZE;
		q->headers[n] = call->headers[n];
	}
	q->headers[n] = NULL;
	return 0;
}

static int send_signed(struct way *w, const struct rest_request *q)
{
	const struct rest_call *call = w->call;
	struct http_exchange *x = w->x;
	AUTO_WIPE char *url = NULL;

	if (asprintf(&url, "%s%s%s%s", call->server, call->path,
		     q->query ? "?" : "", q->query ? q->query : "") < 0) {
		url = NULL;
		return -ENOMEM;
	}
	x->method = call->method;
	x->url = url;
	x->headers = q->headers;
	x->body = call->body;
	x->n_body = call->n_body;
	x->into = call->into;
	x->into_size = call->into_size;
	x->sink = call->sink;
	x->sink_arg = call->sink_arg;
	x->deadline_ns = w->deadline_ns;
	x->patient = call->patient;
	x->stop = stop_of(w);
	if (call->begins) {
		x->stop = NULL;
		x->deadline_ns = MIN(x->deadline_ns,
				     clock_ns() + TIDYING_MS * NS_PER_MS);
	}
	x->cancel = call->cancel;
	x->direct = false;
	if (call->begin)
		call->begin(call->sink_arg);
	return http_perform(w->rest->http, x);
}

static int sign_and_send(struct way *w, struct rest_request *q)
{
	const struct rest_dialect *d = w->rest->dialect;
	int rc = copy_headers(q, w->call);

	if (rc)
		return rc;
	rc = d->sign(w->rest->options.store, w->call, q);
	memcpy(w->key, q->key, sizeof(w->key));
	if (rc) {
		w->said = true;
		return rc;
	}
	w->call->attempts++;
	rc = send_signed(w, q);
	w->call->sent += w->x->sent;
	w->x->url = NULL;
	w->x->headers = NULL;
	return rc;
}

/* There are tokens and signatures in a request: they are not left behind. */
static int ask(struct way *w)
{
	struct rest_request q;
	int rc;

	q.query = w->call->query;
	q.used = 0;
	q.key[0] = '\0';
	rc = sign_and_send(w, &q);
	explicit_bzero(&q, sizeof(q));
	return rc;
}

/* ---- One attempt --------------------------------------------------------- */

static enum throttle_end end_of(const struct way *w)
{
	if (w->last.rc == 0)
		return THROTTLE_WELL;
	return w->last.advice == REST_SLOWER ? THROTTLE_TOO_MUCH :
					       THROTTLE_BADLY;
}

/* Bytes that were moved, or a negative errno. */
static int64_t worth_of(const struct way *w)
{
	int64_t sent = 0;

	if (w->last.rc)
		return MIN(w->last.rc, 0);
	for (size_t i = 0; i < w->call->n_body; i++)
		sent += (int64_t)w->call->body[i].len;
	return sent + (int64_t)w->x->got;
}

/* The first byte is told for reads only: of a mixture of everything it would
 * say nothing. */
static void record(const struct way *w)
{
	struct recorder *r = w->rest->options.recorder;
	const struct http_exchange *x = w->x;

	recorder_add(r, REC_REQUEST, w->call->op, x->end_ns - x->begin_ns,
		     worth_of(w));
	if (w->call->op == REC_READ && x->first_byte_ns)
		recorder_add(r, REC_REQUEST, REC_FIRST_BYTE,
			     x->first_byte_ns - x->begin_ns, 0);
	if (w->call->attempts > 1)
		recorder_count(r, REC_RETRIES, 1);
	if (w->last.advice == REST_SLOWER)
		recorder_count(r, REC_THROTTLED, 1);
}

static void leave(struct way *w, struct throttle_pass *pass)
{
	struct rest *r = w->rest;
	int change = throttle_leave(r->throttle, pass, end_of(w));

	if (change == 0)
		return;
	recorder_count(r->options.recorder, REC_LIMIT, change);
	if (change < 0)
		recorder_lowest(r->options.recorder, REC_LIMIT_LOWEST,
				pass->limit);
}

static void begin_attempt(struct way *w)
{
	struct http_exchange *x = w->x;

	x->status = 0;
	x->sent = 0;
	x->got = x->refusal_len = 0;
	x->begin_ns = x->first_byte_ns = x->end_ns = 0;
	x->why[0] = '\0';
	w->last.advice = REST_FINAL;
}

static void attempt(struct way *w)
{
	unsigned before = w->call->attempts;
	struct throttle_pass pass = { .background = w->call->background,
				      .deadline_ns = w->deadline_ns,
				      .stop = stop_of(w),
				      .cancel = w->call->cancel };

	begin_attempt(w);
	w->last.rc = throttle_enter(w->rest->throttle, &pass);
	if (w->last.rc) {
		snprintf(w->x->why, sizeof(w->x->why),
			 "too many requests were waiting");
		return;
	}
	w->last.rc = ask(w);
	if (w->call->attempts > before) {
		if (w->x->status)
			w->rest->answered = true;
		verdict_judge(&w->last, w->rest->dialect, w->call, w->x);
		record(w);
	}
	leave(w, &pass);
}

/* ---- Again? -------------------------------------------------------------- */

static double draw(struct rest *r)
{
	LOCKED(&r->lock);

	return rng_double(&r->rng);
}

static uint64_t pause_of(const struct way *w)
{
	const struct rest *r = w->rest;
	uint64_t pause, asked;
	const char *after;
	size_t len;

	if (w->last.advice == REST_REFRESH)
		return 0;
	pause = retry_pause_ns(w->call->attempts, r->options.pause_ms,
			       draw(w->rest));
	after = http_reply_header(w->x, "Retry-After", &len);
	if (w->x->status && after &&
	    retry_after_ns(after, len, time(NULL), &asked) == 0)
		pause = MAX(pause, asked);
	return pause;
}

static unsigned most_attempts(const struct rest *r)
{
	if (r->answered)
		return r->options.attempts;
	return MIN(r->options.attempts, ATTEMPTS_OF_STRANGERS);
}

/* Wait for the next attempt.  False: there is none. */
static bool again(struct way *w)
{
	uint64_t now = clock_ns(), until;

	if (w->last.advice == REST_FINAL ||
	    (w->last.advice == REST_REFRESH && w->refreshed) ||
	    w->call->attempts >= most_attempts(w->rest))
		return false;
	until = now + pause_of(w);
	if (until >= w->deadline_ns)
		return false;
	if (w->last.advice == REST_REFRESH) {
		w->refreshed = true;
		recorder_count(w->rest->options.recorder, REC_REFRESHED, 1);
		w->rest->dialect->refresh(w->rest->options.store, w->key);
	}
	for (; now < until && !is_ended(w); now = clock_ns())
		clock_sleep_until(MIN(until, now + LOOK_NS));
	if (is_ended(w))
		w->last.rc = -ECANCELED;
	return w->last.rc != -ECANCELED;
}

/* ---- Saying what nobody expects ------------------------------------------- */

static bool is_due(struct rest *r, int kind, unsigned *unsaid)
{
	LOCKED(&r->lock);

	return complaint_due(&r->complaints, kind, clock_ns(), unsaid);
}

static bool is_expected(int rc)
{
	return rc == -ENOENT || rc == -ESTALE || rc == -ECANCELED;
}

static void say(struct way *w)
{
	const struct rest_call *call = w->call;
	const struct http_exchange *x = w->x;
	/* What broke off after a success said nothing of it. */
	bool broken = verdict_is_success(x->status) && *x->why;
	struct complaint c = { .error = w->last.rc,
			       .store = w->rest->uri,
			       .object = call->object,
			       .server = call->server,
			       .status = broken ? 0 : x->status,
			       .code = call->code,
			       .message = w->last.message,
			       .attempts = call->attempts };

	if (w->said || is_expected(w->last.rc) ||
	    !is_due(w->rest, x->status ? x->status : w->last.rc, &c.unsaid))
		return;
	if (c.status)
		c.request = http_reply_header(x, w->rest->dialect->request_id,
					      &c.request_len);
	else
		c.why = x->why;
	complaint_say(&c);
}

/* ---- What the header promised -------------------------------------------- */

static uint64_t deadline_of(const struct rest *r, const struct rest_call *call)
{
	uint64_t ms = r->options.deadline_ms;

	if (call->tidies)
		ms = MIN(ms, (uint64_t)TIDYING_MS);
	return clock_ns() + ms * NS_PER_MS;
}

int rest_call(struct rest *r, struct rest_call *call)
{
	struct http_exchange own;
	struct way w = { .rest = r,
			 .call = call,
			 .x = call->exchange,
			 .deadline_ns = deadline_of(r, call) };

	if (!w.x)
		w.x = &own;
	call->attempts = call->sent = 0;
	do
		attempt(&w);
	while (w.last.rc && again(&w));
	if (w.last.rc)
		say(&w);
	return w.last.rc;
}

static void set_standards(struct rest_options *o)
{
	o->attempts = o->attempts ? o->attempts : ATTEMPTS;
	o->deadline_ms = o->deadline_ms ? o->deadline_ms : DEADLINE_MS;
	o->concurrency = o->concurrency ? o->concurrency : CONCURRENCY;
	o->pause_ms = o->pause_ms ? o->pause_ms : PAUSE_MS;
	o->seed = o->seed ? o->seed : clock_ns();
}

int rest_new(const struct rest_options *options, struct rest **out)
{
	struct rest *r = calloc(1, sizeof(*r));
	int rc = -ENOMEM;

	if (!r)
		return rc;
	pthread_mutex_init(&r->lock, NULL);
	r->options = *options;
	r->options.uri = NULL; /* the caller's */
	set_standards(&r->options);
	r->dialect = options->dialect;
	rng_seed(&r->rng, r->options.seed);
	r->uri = strdup(options->uri);
	if (!r->uri)
		goto fail;
	rc = throttle_new(r->options.concurrency, &r->throttle);
	if (rc)
		goto fail;
	recorder_count(r->options.recorder, REC_LIMIT,
		       throttle_limit(r->throttle));
	rc = http_new(&r->options.http, &r->http);
	if (rc)
		goto fail;
	*out = r;
	return 0;

fail:
	rest_free(r);
	return rc;
}

void rest_free(struct rest *r)
{
	if (!r)
		return;
	if (r->throttle)
		recorder_count(r->options.recorder, REC_LIMIT,
			       -(int64_t)throttle_limit(r->throttle));
	http_free(r->http);
	throttle_free(r->throttle);
	free(r->uri);
	pthread_mutex_destroy(&r->lock);
	free(r);
}

unsigned rest_busy(struct rest *r)
{
	return throttle_busy(r->throttle);
}

unsigned rest_limit(struct rest *r)
{
	return throttle_limit(r->throttle);
}
