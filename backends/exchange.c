#include "backends/exchange.h"

#include "base/clock.h"
#include "base/flag.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define REFUSAL_READ 65536 /* of a refusal's body; then hang up */
#define STALL_BYTES 1024

void exchange_begin(struct exchange *e, struct http_exchange *x,
		    const struct http_options *options)
{
	x->status = 0;
	x->sent = 0;
	x->got = x->refusal_len = 0;
	x->first_byte_ns = 0;
	x->reply[0] = x->refusal[0] = x->why[0] = '\0';
	*e = (struct exchange){ .x = x,
				.options = options,
				.sent = x->n_body == 0 };
}

/* The time of a phase begins. */
static void mark(struct exchange *e, uint64_t now)
{
	e->mark = e->moved;
	e->mark_ns = now;
}

void exchange_connected(struct exchange *e, uint64_t now)
{
	e->connected = true;
	mark(e, now);
}

/* ---- There --------------------------------------------------------------- */

size_t exchange_send(struct exchange *e, void *to, size_t room)
{
	const struct http_exchange *x = e->x;
	size_t put = 0;

	while (put < room && e->piece < x->n_body) {
		const struct http_piece *p = &x->body[e->piece];
		size_t len = MIN(room - put, p->len - e->at);

		if (len)
			memcpy((char *)to + put, (const char *)p->data + e->at,
			       len);
		put += len;
		e->at += len;
		if (e->at == p->len) {
			e->piece++;
			e->at = 0;
		}
	}
	e->moved += put;
	if (e->piece == x->n_body && !e->sent) {
		e->sent = true;
		mark(e, clock_ns());
	}
	return put;
}

void exchange_rewind(struct exchange *e)
{
	e->piece = e->at = 0;
	e->sent = e->x->n_body == 0;
}

/* ---- And back ------------------------------------------------------------ */

static bool is_success(int status)
{
	return status >= 200 && status < 300;
}

static int status_of(const char *line, size_t len)
{
	const char *end = line + len, *p = memchr(line, ' ', len);
	int status = 0;

	for (p = p ? p + 1 : end; p < end && *p >= '0' && *p <= '9'; p++) {
		if (status > 99)
			return 0;
		status = status * 10 + (*p - '0');
	}
	return status;
}

/* "HTTP/1.1 206 Partial Content": a reply begins, or one that says nothing yet
 * (1xx), which does not count. */
static void begin_reply(struct exchange *e, const char *line, size_t len)
{
	int status = status_of(line, len);

	e->interim = status >= 100 && status < 200;
	e->headers_over = false;
	e->reply_len = 0;
	e->x->reply[0] = '\0';
	e->x->status = e->interim ? 0 : status;
}

/* -EMSGSIZE: who has so much to say of himself is none of ours. */
static int keep_header(struct exchange *e, const char *line, size_t len)
{
	char *reply = e->x->reply;

	while (len > 0 && (line[len - 1] == '\r' || line[len - 1] == '\n'))
		len--;
	if (len == 0) {
		e->headers_over = true;
		return 0;
	}
	if (len + 2 > HTTP_REPLY_HEADERS - e->reply_len) {
		snprintf(e->x->why, sizeof(e->x->why),
			 "more than %d bytes of headers", HTTP_REPLY_HEADERS);
		return -EMSGSIZE;
	}
	memcpy(reply + e->reply_len, line, len);
	e->reply_len += len;
	reply[e->reply_len++] = '\n';
	reply[e->reply_len] = '\0';
	return 0;
}

int exchange_line(struct exchange *e, const char *line, size_t len)
{
	bool begins = len >= 5 && !strncmp(line, "HTTP/", 5);

	if (begins)
		begin_reply(e, line, len);
	if (e->interim)
		return 0;
	if (!e->x->first_byte_ns) {
		e->x->first_byte_ns = clock_ns();
		mark(e, e->x->first_byte_ns);
	}
	e->moved += len;
	if (!begins && !e->headers_over) /* else a trailer: not read */
		e->rc = keep_header(e, line, len);
	return e->rc;
}

static int take_body(struct http_exchange *x, const void *data, size_t len)
{
	int rc = 0;

	if (x->sink) {
		rc = x->sink(x->sink_arg, data, len);
		if (rc)
			snprintf(x->why, sizeof(x->why),
				 "its body is not what was asked for");
	} else if (x->into) {
		if (len > x->into_size - x->got) {
			snprintf(x->why, sizeof(x->why),
				 "more than the %zu bytes asked for",
				 x->into_size);
			return -EMSGSIZE;
		}
		memcpy((char *)x->into + x->got, data, len);
	}
	x->got += len;
	return rc;
}

/* Enough to be understood; the connection is given up rather than the rest
 * read. */
static int take_refusal(struct exchange *e, const void *data, size_t len)
{
	struct http_exchange *x = e->x;
	size_t keep = MIN(HTTP_REFUSAL - 1 - x->refusal_len, len);

	memcpy(x->refusal + x->refusal_len, data, keep);
	x->refusal_len += keep;
	x->refusal[x->refusal_len] = '\0';
	e->refused += len;
	return exchange_has_enough(e) ? -EMSGSIZE : 0;
}

int exchange_receive(struct exchange *e, const void *data, size_t len)
{
	e->moved += len;
	if (is_success(e->x->status))
		e->rc = take_body(e->x, data, len);
	else
		e->rc = take_refusal(e, data, len);
	return e->rc;
}

bool exchange_has_enough(const struct exchange *e)
{
	return e->refused > REFUSAL_READ;
}

/* ---- Whether to go on ---------------------------------------------------- */

static int check_phase(struct exchange *e, uint64_t now)
{
	bool waiting = e->sent && !e->x->first_byte_ns;
	uint64_t limit_ms = waiting ? e->options->first_byte_ms :
				      e->options->stall_ms;

	if (e->moved - e->mark >= STALL_BYTES)
		mark(e, now);
	if (now < e->mark_ns + limit_ms * NS_PER_MS ||
	    (e->sent && e->x->patient))
		return 0;
	snprintf(e->x->why, sizeof(e->x->why), "%s in %" PRIu64 " ms",
		 waiting ? "no answer" : "less than a KiB", limit_ms);
	return -ETIMEDOUT;
}

int exchange_check(struct exchange *e, uint64_t now)
{
	struct http_exchange *x = e->x;

	if (flag_is_set(x->stop) || flag_is_set(x->cancel))
		return -ECANCELED;
	if (x->deadline_ns && now >= x->deadline_ns) {
		snprintf(x->why, sizeof(x->why), "the time is up");
		return -ETIMEDOUT;
	}
	return e->connected ? check_phase(e, now) : 0;
}
