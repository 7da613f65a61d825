#include "backends/rest.h"

#include "backends/attempt.h"
#include "backends/retry.h"
#include "backends/throttle.h"
#include "base/clock.h"
#include "base/flag.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

#define ATTEMPTS 10
#define ATTEMPTS_OF_STRANGERS 3
#define DEADLINE_MS 120000
#define CONCURRENCY 16
#define PAUSE_MS 200

#define LOOK_NS (50 * NS_PER_MS) /* how often the flags are looked at */

/* ---- For dialects -------------------------------------------------------- */

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

/* ---- Again? -------------------------------------------------------------- */

static bool is_ended(const struct way *w)
{
	return flag_is_set(attempt_stop(w)) || flag_is_set(w->call->cancel);
}

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

	if (w->said || call->silent || is_expected(w->last.rc) ||
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
		ms = MIN(ms, (uint64_t)ATTEMPT_TIDYING_MS);
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
		attempt_make(&w);
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
