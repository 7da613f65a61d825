#include "backends/attempt.h"

#include "backends/strbuf.h"
#include "backends/throttle.h"
#include "base/clock.h"

#include <errno.h>
#include <string.h>

const _Atomic bool *attempt_stop(const struct way *w)
{
	return w->call->tidies ? NULL : w->rest->options.stop;
}

/* ---- Asking -------------------------------------------------------------- */

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
	x->stop = attempt_stop(w);
	if (call->begins) {
		x->stop = NULL;
		x->deadline_ns =
			MIN(x->deadline_ns,
			    clock_ns() + ATTEMPT_TIDYING_MS * NS_PER_MS);
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
	uint64_t sent = http_body_bytes(w->call->body, w->call->n_body);

	if (w->last.rc)
		return MIN(w->last.rc, 0);
	return (int64_t)(sent + w->x->got);
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

void attempt_make(struct way *w)
{
	unsigned before = w->call->attempts;
	struct throttle_pass pass = { .background = w->call->background,
				      .deadline_ns = w->deadline_ns,
				      .stop = attempt_stop(w),
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
