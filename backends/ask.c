#include "backends/ask.h"

#include "backends/retry.h"
#include "backends/strbuf.h"
#include "base/clock.h"
#include "base/flag.h"
#include "base/log.h"

#include <errno.h>
#include <string.h>

#define TRIES 3
#define TIMEOUT_MS 5000
#define PAUSE_MS 200 /* at most, after the first; see retry.h */
#define LOOK_MS 20   /* how often the flag is looked at */

/* What one exchange needs; big, and full of secrets afterwards. */
struct room {
	struct http_exchange x;
	struct http_piece body;
	char answer[ASK_ANSWER];
};

/* ---- One try ------------------------------------------------------------ */

static void prepare(struct room *r, const struct ask_question *q,
		    const _Atomic bool *stop)
{
	uint64_t ms = q->timeout_ms ? q->timeout_ms : TIMEOUT_MS;

	r->body = (struct http_piece){ q->body, q->body ? strlen(q->body) : 0 };
	r->x.method = q->method;
	r->x.url = q->url;
	r->x.headers = q->headers;
	r->x.body = &r->body;
	r->x.n_body = q->body ? 1 : 0;
	r->x.direct = q->direct;
	r->x.into = r->answer;
	r->x.into_size = sizeof(r->answer);
	r->x.deadline_ns = clock_ns() + ms * NS_PER_MS;
	r->x.stop = stop;
}

static int keep(const struct room *r, struct ask_answer *a)
{
	bool good = r->x.status / 100 == 2;

	a->status = r->x.status;
	a->len = good ? r->x.got : r->x.refusal_len;
	a->text = calloc(1, a->len + 1);
	if (!a->text)
		return -ENOMEM;
	memcpy(a->text, good ? r->answer : r->x.refusal, a->len);
	return 0;
}

static int try(struct http *http, const _Atomic bool *stop,
	       const struct ask_question *q, struct ask_answer *a)
{
	struct room *r = calloc(1, sizeof(*r));
	int rc;

	if (!r)
		return -ENOMEM;
	prepare(r, q, stop);
	rc = http_perform(http, &r->x);
	if (rc == 0)
		rc = keep(r, a);
	explicit_bzero(r, sizeof(*r));
	free(r);
	return rc;
}

/* ---- Several ------------------------------------------------------------ */

/* Does it make sense to ask again? */
static bool may_pass(const struct ask_question *q, int rc,
		     const struct ask_answer *a)
{
	if (rc)
		return rc == -ETIMEDOUT || rc == -ECONNRESET ||
		       rc == -ECONNREFUSED || rc == -EHOSTUNREACH;
	return a->status == 429 || a->status / 100 == 5 ||
	       (q->again && a->status / 100 != 2 &&
		q->again(a->status, a->text));
}

/* False: we shall stop.  The clock's last digits are chance enough to keep
 * those apart who asked at the same time. */
static bool pause_after(unsigned attempt, const _Atomic bool *stop)
{
	double chance = (double)(clock_ns() / 64 % 1024) / 1024;
	uint64_t until = clock_ns() + retry_pause_ns(attempt, PAUSE_MS, chance);

	while (clock_ns() < until) {
		if (flag_is_set(stop))
			return false;
		clock_sleep_until(MIN(until, clock_ns() + LOOK_MS * NS_PER_MS));
	}
	return true;
}

int ask_server(struct http *http, const _Atomic bool *stop,
	       const struct ask_question *q, struct ask_answer *a)
{
	unsigned tries = q->tries ? q->tries : TRIES;
	int rc;

	*a = (struct ask_answer){ 0 };
	rc = try(http, stop, q, a);
	for (unsigned i = 1; i < tries && may_pass(q, rc, a); i++) {
		ask_clear(a);
		if (!pause_after(i, stop))
			return -ECANCELED;
		rc = try(http, stop, q, a);
	}
	return rc;
}

void ask_clear(struct ask_answer *a)
{
	if (a->text)
		explicit_bzero(a->text, a->len);
	free(a->text);
	*a = (struct ask_answer){ 0 };
}

/* ---- Messages ----------------------------------------------------------- */

const char *ask_place(const char *url, char out[ASK_PLACE_SIZE])
{
	const char *host = strstr(url, "://");
	size_t scheme, len;
	const char *at;

	host = host ? host + 3 : url;
	scheme = (size_t)(host - url);
	len = strcspn(host, "/?#");
	at = memrchr(host, '@', len);
	if (at) {
		len -= (size_t)(at + 1 - host);
		host = at + 1;
	}
	snprintf(out, ASK_PLACE_SIZE, "%.*s%.*s", (int)MIN(scheme, (size_t)16),
		 url, (int)MIN(len, (size_t)200), host);
	return out;
}

int ask_fail(const struct ask_question *q, int rc, const struct ask_answer *a)
{
	char place[ASK_PLACE_SIZE];

	if (rc == -ECANCELED)
		return rc; /* whoever wants to stop knows it */
	ask_place(q->url, place);
	if (rc)
		return log_fail(rc, "%s at %s", q->who, place);
	if (a->status / 100 == 2)
		return log_fail(-EBADMSG, "%s at %s: what it answers", q->who,
				place);
	return log_fail(-EACCES, "%s at %s: status %d", q->who, place,
			a->status);
}
