#include "lib/fault_forward.h"

#include "lib/fault_stream.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

/* A connection to the server. */
struct upstream {
	struct fault_wire wire;
	struct fault_stream stream;
};

int fault_forward_parse(const char *text, struct sockaddr_in *to)
{
	const char *host = strstr(text, "://");
	char name[64];
	unsigned port;

	host = host ? host + 3 : text;
	if (sscanf(host, "%63[0-9.]:%u", name, &port) != 2)
		return -EINVAL;
	*to = (struct sockaddr_in){ .sin_family = AF_INET,
				    .sin_port = htons((uint16_t)port) };
	return inet_pton(AF_INET, name, &to->sin_addr) == 1 ? 0 : -EINVAL;
}

static int dial(const struct sockaddr_in *to, struct upstream **out)
{
	struct upstream *u = calloc(1, sizeof(*u));
	int on = 1;

	u->stream.wire = &u->wire;
	u->wire.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(u->wire.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (connect(u->wire.fd, (const struct sockaddr *)to, sizeof(*to)) < 0) {
		fault_forward_close(u);
		return -ECONNREFUSED;
	}
	*out = u;
	return 0;
}

void fault_forward_close(void *mine)
{
	struct upstream *u = mine;

	fault_wire_end(&u->wire, FAULT_WIRE_CLOSE);
	free(u);
}

/* Between two neighbours only, or made anew. */
static bool is_hop(const char *name)
{
	static const char *const hops[] = { "Connection", "Keep-Alive",
					    "Expect", "Transfer-Encoding",
					    "Content-Length" };

	for (size_t i = 0; i < ARRAY_SIZE(hops); i++)
		if (!strcasecmp(name, hops[i]))
			return true;
	return false;
}

static void print_headers(FILE *f, const struct fault_header *headers, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!is_hop(headers[i].name))
			fprintf(f, "%s: %s\r\n", headers[i].name,
				headers[i].value);
}

static int send_request(struct upstream *u, const struct fault_request *q)
{
	AUTO_FREE char *head = NULL;
	size_t size;
	FILE *f = open_memstream(&head, &size);
	int rc;

	fprintf(f, "%s %s HTTP/1.1\r\n", q->method, q->target);
	print_headers(f, q->headers, q->n_headers);
	if (fault_request_header(q, "Content-Length"))
		fprintf(f, "Content-Length: %zu\r\n", q->len);
	fputs("\r\n", f);
	fclose(f);
	rc = fault_wire_write(&u->wire, head, size);
	return rc < 0 ? rc : fault_wire_write(&u->wire, q->body, q->len);
}

static int take_body(struct upstream *u, const struct fault_request *q,
		     const struct fault_header *headers, size_t n,
		     struct fault_answer *a, char **body)
{
	const char *length = fault_stream_find(headers, n, "Content-Length");

	if (length)
		a->len = strtoul(length, NULL, 10);
	if (!strcmp(q->method, "HEAD") || a->status == 204 || a->status == 304)
		return 0;
	if (fault_stream_find(headers, n, "Transfer-Encoding"))
		return fault_stream_chunks(&u->stream, body, &a->len);
	if (length)
		return fault_stream_body(&u->stream, a->len, body);
	return fault_stream_rest(&u->stream, body, &a->len);
}

static int take_answer(struct upstream *u, const struct fault_request *q,
		       struct fault_answer *a, char **body)
{
	struct fault_header headers[FAULT_HEADERS];
	AUTO_FREE char *head = NULL;
	char *line, *text;
	size_t n, size;
	FILE *f;
	int rc;

	do {
		free(TAKE(head));
		rc = fault_stream_head(&u->stream, &head);
		if (rc < 0)
			return rc;
		fault_stream_split(head, &line, headers, &n);
		if (sscanf(line, "HTTP/%*s %d", &a->status) != 1)
			return -EPROTO;
	} while (a->status < 200);
	f = open_memstream(&text, &size);
	print_headers(f, headers, n);
	fclose(f);
	a->headers = text;
	a->owned = text;
	rc = take_body(u, q, headers, n, a, body);
	a->body = *body;
	return rc;
}

static int try_once(struct upstream *u, const struct fault_request *q,
		    struct fault_answer *a, char **body)
{
	int rc = send_request(u, q);

	return rc < 0 ? rc : take_answer(u, q, a, body);
}

int fault_forward(const struct sockaddr_in *to, const struct fault_request *q,
		  struct fault_answer *a, char **body)
{
	struct upstream *u = *q->mine;
	int rc;

	/* The server may have ended a connection that was idle. */
	if (u) {
		rc = try_once(u, q, a, body);
		if (rc == 0)
			return 0;
		fault_forward_close(u);
		*q->mine = NULL;
		free(TAKE(*body));
		free(a->owned);
		*a = (struct fault_answer){ 0 };
	}
	rc = dial(to, &u);
	if (rc < 0)
		return rc;
	*q->mine = u;
	return try_once(u, q, a, body);
}
