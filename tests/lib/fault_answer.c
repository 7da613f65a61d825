#include "lib/fault_answer.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

static const char *reason(int status)
{
	static const struct {
		int status;
		const char *reason;
	} reasons[] = {
		{ 200, "OK" },
		{ 206, "Partial Content" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 412, "Precondition Failed" },
		{ 500, "Internal Server Error" },
		{ 503, "Service Unavailable" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "So";
}

static int send_head(struct fault_wire *w, const struct fault_answer *a)
{
	AUTO_FREE char *head = NULL;
	size_t size;
	FILE *f = open_memstream(&head, &size);

	fprintf(f, "HTTP/1.1 %d %s\r\n", a->status, reason(a->status));
	if (a->no_length)
		fputs("Connection: close\r\n", f);
	else if (a->status != 204 && a->status != 304)
		fprintf(f, "Content-Length: %zu\r\n", a->len);
	fprintf(f, "%s\r\n", a->headers ? a->headers : "");
	fclose(f);
	return fault_wire_write(w, head, size);
}

static int drip(struct fault_wire *w, const char *body, size_t len, unsigned ms)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < len; i++) {
		fault_wire_wait(w, ms);
		rc = fault_wire_write(w, body + i, 1);
	}
	return rc;
}

/* Nothing before the end. */
static bool ends_at_once(enum fault fault)
{
	return fault == FAULT_CLOSE || fault == FAULT_RESET;
}

/* How the connection ends after the answer, or part of it; -1: not at all. */
static int end_after(const struct fault_answer *a)
{
	switch (a->fault) {
	case FAULT_RESET:
	case FAULT_RESET_BODY:
		return FAULT_WIRE_RESET;
	case FAULT_CLOSE:
	case FAULT_SHORT:
		return FAULT_WIRE_CLOSE;
	case FAULT_CUT:
		return FAULT_WIRE_CUT;
	default:
		return a->no_length ? FAULT_WIRE_CLOSE : -1;
	}
}

static int send_body(struct fault_wire *w, const struct fault_answer *a,
		     size_t len)
{
	const char *body = a->body;
	size_t at = MIN(a->at, len);
	int rc;

	switch (a->fault) {
	case FAULT_RESET_BODY:
	case FAULT_SHORT:
	case FAULT_CUT:
		return fault_wire_write(w, body, at);
	case FAULT_DRIP:
		return drip(w, body, len, a->ms);
	case FAULT_STALL_BODY:
		rc = fault_wire_write(w, body, at);
		if (rc < 0)
			return rc;
		fault_wire_wait(w, a->ms);
		return fault_wire_write(w, body + at, len - at);
	default:
		return fault_wire_write(w, body, len);
	}
}

int fault_answer_send(const struct fault_answer *a,
		      const struct fault_request *q, struct fault_wire *w)
{
	bool bare = !strcmp(q->method, "HEAD") || !a->body;
	int end = end_after(a);
	int rc = 0;

	if (a->fault == FAULT_STALL)
		fault_wire_wait(w, a->ms);
	if (!ends_at_once(a->fault)) {
		rc = send_head(w, a);
		if (rc == 0)
			rc = send_body(w, a, bare ? 0 : a->len);
		/* What has been sent shall arrive before the reset does. */
		if (end == FAULT_WIRE_RESET)
			fault_wire_wait(w, 20);
	}
	if (rc == 0 && end < 0)
		return 0;
	fault_wire_end(w, end < 0 ? FAULT_WIRE_CLOSE : (unsigned)end);
	return -EPIPE;
}

void fault_answer_print(struct fault_answer *a, const char *fmt, ...)
{
	char *text;
	va_list args;
	int len;

	va_start(args, fmt);
	len = vasprintf(&text, fmt, args);
	va_end(args);
	free(a->owned);
	a->owned = text;
	a->body = text;
	a->len = (size_t)len;
}

void fault_answer_object(struct fault_answer *a, const struct fault_request *q,
			 const void *bytes, size_t len, const char *etag)
{
	const char *match = fault_request_header(q, "If-Match");
	const char *range = fault_request_header(q, "x-ms-range");
	unsigned long first = 0, last = len ? len - 1 : 0;
	char *headers = NULL;

	if (!range)
		range = fault_request_header(q, "Range");
	if (match && strcmp(match, etag)) {
		a->status = 412;
		return;
	}
	if (range)
		sscanf(range, "bytes=%lu-%lu", &first, &last);
	if (range && first >= len) {
		a->status = 416;
		return;
	}
	last = MIN(last, len ? len - 1 : 0);
	a->status = range ? 206 : 200;
	a->body = (const char *)bytes + first;
	a->len = len ? last + 1 - first : 0;
	if (asprintf(&headers,
		     "ETag: %s\r\nContent-Range: bytes %lu-%lu/%zu\r\n"
		     "Last-Modified: Fri, 24 May 2013 00:00:00 GMT\r\n",
		     etag, first, last, len) < 0)
		abort();
	a->headers = headers;
	a->owned = headers;
}
