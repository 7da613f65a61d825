/* HTTP/1.1: one attempt of one request, over connections that are kept.
 *
 * A body lands straight in the caller's buffer; small ones that somebody must
 * parse go to a sink as they come.  Proxies are taken from the environment
 * (http_proxy, https_proxy, no_proxy).  Nothing is retried here, redirects are
 * not followed, and nothing is logged: rest.h does that.
 *
 * Any number of threads may perform at a time; each borrows a connection for
 * as long as its exchange takes.  An exchange belongs to its thread. */
#ifndef BACKENDS_HTTP_H
#define BACKENDS_HTTP_H

#include "base/util.h"

struct http;

struct http_options {
	unsigned kept;		/* connections to keep when idle; 0: 64 */
	uint32_t connect_ms;	/* name, TCP and TLS; 0: 5000 */
	uint32_t first_byte_ms; /* sent whole until the first byte; 0: 30000 */
	uint32_t stall_ms;	/* for a KiB, either way; 0: 10000 */
	const char *ca_file;	/* NULL: AWS_CA_BUNDLE, CURL_CA_BUNDLE,
				 * SSL_CERT_FILE, or the system's */
};

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_PUT, HTTP_POST, HTTP_DELETE };

const char *http_method_name(enum http_method method); /* "GET" */

/* Where bytes are.  A body may be several pieces. */
struct http_piece {
	const void *data;
	size_t len;
};
uint64_t http_body_bytes(const struct http_piece *body, size_t n);

#define HTTP_REPLY_HEADERS 16384 /* bytes of them; more are -EMSGSIZE */
#define HTTP_REFUSAL 4096	 /* bytes kept of a body that is no success */

struct http_exchange {
	/* What is asked. */
	enum http_method method;
	const char *url;	    /* whole, encoded */
	const char *const *headers; /* "Name: value", ends with NULL */
	const struct http_piece *body;
	size_t n_body;

	/* Where the body of a 2xx goes: to a sink, whose non-zero result ends
	 * the exchange and is its result; or to a buffer (what does not fit is
	 * an error, -EMSGSIZE); or nowhere. */
	void *into;
	size_t into_size;
	int (*sink)(void *arg, const void *data, size_t len);
	void *sink_arg;

	bool direct;	      /* not over a proxy */
	uint64_t deadline_ns; /* clock_ns(); 0: none */
	bool patient; /* the server has much to do: once it is sent, only the
		       * deadline counts */

	/* Give up with -ECANCELED within a tenth of a second once one of these
	 * is true; either may be NULL. */
	const _Atomic bool *stop, *cancel;

	/* What came of it. */
	int status;				  /* 0: none came */
	size_t got;				  /* bytes of the 2xx body */
	uint64_t begin_ns, first_byte_ns, end_ns; /* clock_ns(); 0: never */
	unsigned sent; /* times: once more when the connection, which had been
			* kept, turned out to be dead */
	char reply[HTTP_REPLY_HEADERS]; /* headers; see http_reply_header() */
	char refusal[HTTP_REFUSAL];	/* a text, cut to size */
	size_t refusal_len;
	char why[128]; /* no status, or broken off: what the library says */
};

int http_new(const struct http_options *options, struct http **out) MUST_USE;

/* Nothing is being performed.  NULL is fine. */
void http_free(struct http *h);

/* 0: a status came, whatever it is, and the body whole (of a refusal, as much
 * as anybody wants).  A kept connection that turns out to be dead does not count:
 * it is asked again on a fresh one.  Else:
 *
 *	-ETIMEDOUT      one of the times above
 *	-ECANCELED      stop or cancel
 *	-ECONNREFUSED   nobody listens
 *	-EHOSTUNREACH   no such host, or no way to it
 *	-ECONNRESET     broken off, before the body's end
 *	-EPROTO         no HTTP
 *	-EKEYREJECTED   TLS: who is at the other end?
 *	-EMSGSIZE       more bytes than fit
 *	-ENOMEM
 *	what the sink said */
int http_perform(struct http *h, struct http_exchange *x) MUST_USE;

/* The value of a header of the reply, without the space around it, or NULL.
 * The case of the name does not matter.  The text ends with the line: its
 * length is in *len. */
const char *http_reply_header(const struct http_exchange *x, const char *name,
			      size_t *len);

#endif
