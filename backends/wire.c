#include "backends/wire.h"

#include "backends/exchange.h"
#include "base/clock.h"

#include <curl/curl.h>
#include <errno.h>
#include <string.h>

#define LOOK_MS 50	    /* how often the flags are looked at */
#define HEADERS_PER_CALL 48 /* that a caller may bring */

struct wire {
	const struct http_options *options;
	CURL *easy;
	CURLM *multi;
	struct curl_slist slist[HEADERS_PER_CALL + 1];
	char error[CURL_ERROR_SIZE];

	struct exchange exchange; /* if it has one */
};

int wire_begin(void)
{
	return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? 0 : -ENOMEM;
}

void wire_end(void)
{
	curl_global_cleanup();
}

/* ---- The library calls back ---------------------------------------------- */

static int on_connected(void *arg, char *peer, char *us, int peer_port,
			int our_port)
{
	struct wire *w = arg;

	(void)peer;
	(void)us;
	(void)peer_port;
	(void)our_port;
	exchange_connected(&w->exchange, clock_ns());
	w->exchange.x->sent++;
	return CURL_PREREQFUNC_OK;
}

static size_t on_send(char *to, size_t size, size_t n, void *arg)
{
	struct wire *w = arg;

	return exchange_send(&w->exchange, to, size * n);
}

/* The library sends it again, from the beginning: a kept connection was dead. */
static int on_rewind(void *arg, curl_off_t offset, int origin)
{
	struct wire *w = arg;

	if (offset != 0 || origin != SEEK_SET)
		return CURL_SEEKFUNC_FAIL;
	exchange_rewind(&w->exchange);
	return CURL_SEEKFUNC_OK;
}

static size_t on_line(char *line, size_t size, size_t n, void *arg)
{
	struct wire *w = arg;

	return exchange_line(&w->exchange, line, size * n) ? 0 : size * n;
}

static size_t on_receive(char *data, size_t size, size_t n, void *arg)
{
	struct wire *w = arg;

	return exchange_receive(&w->exchange, data, size * n) ?
		       CURL_WRITEFUNC_ERROR :
		       size * n;
}

/* ---- Connections --------------------------------------------------------- */

void wire_free(struct wire *w)
{
	if (!w)
		return;
	curl_easy_cleanup(w->easy);
	curl_multi_cleanup(w->multi);
	free(w);
}

/* What never changes.  TLS: the standard is to verify both certificate and
 * name, and stays so. */
static void set_up(struct wire *w)
{
	CURL *e = w->easy;
	const struct http_options *o = w->options;

	curl_multi_setopt(w->multi, CURLMOPT_MAXCONNECTS, 4L);
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	/* A name server that is silent must not hold a cancelled call. */
	curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(e, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(e, CURLOPT_PATH_AS_IS, 1L); /* keys hold "//", "/." */
	curl_easy_setopt(e, CURLOPT_TCP_NODELAY, 1L);
	curl_easy_setopt(e, CURLOPT_TCP_KEEPALIVE, 1L);
	/* From here each byte is copied once more: still in the CPU's cache. */
	curl_easy_setopt(e, CURLOPT_BUFFERSIZE, 128L << 10);
	curl_easy_setopt(e, CURLOPT_UPLOAD_BUFFERSIZE, 512L << 10);
	curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)o->connect_ms);
	curl_easy_setopt(e, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(e, CURLOPT_USERAGENT, "dliofs");
	if (o->ca_file)
		curl_easy_setopt(e, CURLOPT_CAINFO, o->ca_file);

	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, w->error);
	curl_easy_setopt(e, CURLOPT_PREREQFUNCTION, on_connected);
	curl_easy_setopt(e, CURLOPT_PREREQDATA, w);
	curl_easy_setopt(e, CURLOPT_READFUNCTION, on_send);
	curl_easy_setopt(e, CURLOPT_READDATA, w);
	curl_easy_setopt(e, CURLOPT_SEEKFUNCTION, on_rewind);
	curl_easy_setopt(e, CURLOPT_SEEKDATA, w);
	curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_line);
	curl_easy_setopt(e, CURLOPT_HEADERDATA, w);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_receive);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, w);
}

struct wire *wire_new(const struct http_options *options)
{
	struct wire *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->easy = curl_easy_init();
	w->multi = curl_multi_init();
	if (!w->easy || !w->multi) {
		wire_free(w);
		return NULL;
	}
	w->options = options;
	set_up(w);
	return w;
}

/* ---- One exchange -------------------------------------------------------- */

/* Headers are the caller's strings; the list that libcurl wants is ours.  Two
 * are added: not to ask whether a body is welcome (Expect), which costs a round
 * trip. */
static int set_headers(struct wire *w, const struct http_exchange *x)
{
	static char no_expect[] = "Expect:";
	size_t n = 0;

	w->slist[n++].data = no_expect;
	for (; x->headers && x->headers[n - 1]; n++) {
		if (n > HEADERS_PER_CALL)
			return -E2BIG;
		w->slist[n].data = (char *)x->headers[n - 1];
	}
	for (size_t i = 0; i < n; i++)
		w->slist[i].next = i + 1 < n ? &w->slist[i + 1] : NULL;
	curl_easy_setopt(w->easy, CURLOPT_HTTPHEADER, w->slist);
	return 0;
}

static int set_request(struct wire *w, const struct http_exchange *x)
{
	curl_off_t len = (curl_off_t)http_body_bytes(x->body, x->n_body);
	bool sends = x->method == HTTP_PUT || x->method == HTTP_POST;
	CURL *e = w->easy;

	curl_easy_setopt(e, CURLOPT_HTTPGET, 1L); /* forget the last one */
	if (x->method == HTTP_HEAD)
		curl_easy_setopt(e, CURLOPT_NOBODY, 1L);
	if (sends || len > 0)
		curl_easy_setopt(e, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(e, CURLOPT_INFILESIZE_LARGE, len);
	curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST, http_method_name(x->method));
	curl_easy_setopt(e, CURLOPT_NOPROXY, x->direct ? "*" : NULL);
	if (curl_easy_setopt(e, CURLOPT_URL, x->url) != CURLE_OK)
		return -ENOMEM;
	return set_headers(w, x);
}

/* Milliseconds until somebody should look again. */
static int patience(const struct http_exchange *x, uint64_t now)
{
	uint64_t left = x->deadline_ns ? x->deadline_ns - now : UINT64_MAX;

	return (int)MIN(left / NS_PER_MS + 1, (uint64_t)LOOK_MS);
}

/* 0: libcurl has come to an end, good or bad. */
static int drive(struct wire *w)
{
	int running = 1;

	for (;;) {
		uint64_t now;
		int rc;

		if (curl_multi_perform(w->multi, &running) != CURLM_OK)
			return -ENOMEM;
		if (!running)
			return 0;
		now = clock_ns();
		rc = exchange_check(&w->exchange, now);
		if (rc)
			return rc;
		if (curl_multi_poll(w->multi, NULL, 0,
				    patience(w->exchange.x, now),
				    NULL) != CURLM_OK)
			return -ENOMEM;
	}
}

static CURLcode outcome(struct wire *w)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(w->multi, &left)))
		if (message->msg == CURLMSG_DONE)
			return message->data.result;
	return CURLE_OUT_OF_MEMORY;
}

static int connect_error(struct wire *w)
{
	long os = 0;

	curl_easy_getinfo(w->easy, CURLINFO_OS_ERRNO, &os);
	switch (os) {
	case EHOSTUNREACH:
	case ENETUNREACH:
	case EADDRNOTAVAIL:
		return -EHOSTUNREACH;
	case ETIMEDOUT:
		return -ETIMEDOUT;
	default:
		return -ECONNREFUSED;
	}
}

static int error_of(struct wire *w, CURLcode code)
{
	static const struct {
		CURLcode code;
		int error;
	} errors[] = {
		{ CURLE_OK, 0 },
		{ CURLE_URL_MALFORMAT, -EINVAL },
		{ CURLE_COULDNT_RESOLVE_HOST, -EHOSTUNREACH },
		{ CURLE_COULDNT_RESOLVE_PROXY, -EHOSTUNREACH },
		{ CURLE_OPERATION_TIMEDOUT, -ETIMEDOUT },
		{ CURLE_PARTIAL_FILE, -ECONNRESET },
		{ CURLE_GOT_NOTHING, -ECONNRESET },
		{ CURLE_SEND_ERROR, -ECONNRESET },
		{ CURLE_RECV_ERROR, -ECONNRESET },
		{ CURLE_SEND_FAIL_REWIND, -ECONNRESET },
		{ CURLE_SSL_CONNECT_ERROR, -EPROTO },
		{ CURLE_PEER_FAILED_VERIFICATION, -EKEYREJECTED },
		{ CURLE_SSL_CACERT_BADFILE, -EKEYREJECTED },
		{ CURLE_SSL_CERTPROBLEM, -EKEYREJECTED },
		{ CURLE_SSL_ISSUER_ERROR, -EKEYREJECTED },
		{ CURLE_OUT_OF_MEMORY, -ENOMEM },
	};

	if (w->exchange.rc)
		return w->exchange.rc;
	if (code == CURLE_COULDNT_CONNECT)
		return connect_error(w);
	/* Ours in the URL, or that of whoever answered. */
	if (code == CURLE_UNSUPPORTED_PROTOCOL)
		return w->exchange.connected ? -EPROTO : -EINVAL;
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++)
		if (errors[i].code == code)
			return errors[i].error;
	return -EPROTO;
}

/* libcurl quotes a proxy that it does not understand, and there may be a
 * password in it. */
static const char *message_of(const struct wire *w, CURLcode code)
{
	bool quotes = strstr(w->error, "proxy") && strchr(w->error, '\'');

	return w->error[0] && !quotes ? w->error : curl_easy_strerror(code);
}

static int attempt(struct wire *w)
{
	struct http_exchange *x = w->exchange.x;
	CURLcode code;
	int rc;

	if (curl_multi_add_handle(w->multi, w->easy) != CURLM_OK)
		return -ENOMEM;
	rc = drive(w);
	if (rc == 0) {
		code = outcome(w);
		rc = error_of(w, code);
		/* It was understood, and that is all. */
		if (exchange_has_enough(&w->exchange))
			rc = 0;
		if (rc && !*x->why)
			snprintf(x->why, sizeof(x->why), "%.127s",
				 message_of(w, code));
	}
	curl_multi_remove_handle(w->multi, w->easy);
	return rc;
}

/* The other side hung up on a connection that was kept, before it said a word:
 * that is no failure, there was nobody there any more. */
static bool was_stale(struct wire *w, int rc)
{
	long connections = 1;

	curl_easy_getinfo(w->easy, CURLINFO_NUM_CONNECTS, &connections);
	return rc == -ECONNRESET && connections == 0 &&
	       !w->exchange.x->first_byte_ns;
}

int wire_exchange(struct wire *w, struct http_exchange *x)
{
	int rc;

	exchange_begin(&w->exchange, x, w->options);
	w->error[0] = '\0';
	rc = set_request(w, x);
	if (rc)
		return rc;
	rc = attempt(w);
	if (!was_stale(w, rc))
		return rc;
	exchange_begin(&w->exchange, x, w->options);
	w->error[0] = '\0';
	return attempt(w);
}
