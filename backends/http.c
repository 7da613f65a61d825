#include "backends/http.h"

#include "base/clock.h"
#include "base/log.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <strings.h>

#define KEPT 64
#define CONNECT_MS 5000
#define FIRST_BYTE_MS 30000
#define STALL_MS 10000

#define NS_PER_MS (NS_PER_SEC / 1000)
#define LOOK_MS 50	    /* how often the flags are looked at */
#define REFUSAL_READ 65536  /* of a refusal's body; then hang up */
#define HEADERS_PER_CALL 48 /* that a caller may bring */

/* A connection, and the exchange that has it at the moment.
 *
 * Each stands alone, and shares neither names nor TLS sessions with others:
 * libcurl would guard them with one lock for all threads, to save what a kept
 * connection needs once.  And where a name has many addresses, as a large
 * store's has, each connection asks for itself and finds one of its own. */
struct wire {
	struct wire *next; /* idle */
	CURL *easy;
	CURLM *multi;
	struct curl_slist slist[HEADERS_PER_CALL + 1];
	char error[CURL_ERROR_SIZE];

	struct http_exchange *x;
	int rc;		   /* why a callback ended it */
	bool sent;	   /* the request, whole */
	bool headers_over; /* of the reply */
	size_t reply_len;  /* of x->reply */
	size_t piece, at;  /* of the body that is sent next */
	size_t refused;	   /* bytes of a refusal's body */
	uint64_t moved;	   /* bytes, either way */
	uint64_t seen;	   /* … at this time, from which a stall counts: */
	uint64_t since_ns; /* 0: not connected */
};

struct http {
	struct http_options options;
	char *ca_file;

	pthread_mutex_t lock; /* guards what follows */
	struct wire *idle;    /* the one used last comes first */
	unsigned n_idle;
};

/* ---- The library calls back ---------------------------------------------- */

static int on_connected(void *arg, char *peer, char *us, int peer_port,
			int our_port)
{
	struct wire *w = arg;

	(void)peer;
	(void)us;
	(void)peer_port;
	(void)our_port;
	w->since_ns = clock_ns();
	w->seen = w->moved;
	return CURL_PREREQFUNC_OK;
}

/* The last piece has been taken: from now on we wait for an answer. */
static void request_is_sent(struct wire *w)
{
	w->sent = true;
	w->since_ns = clock_ns();
	w->seen = w->moved;
}

static size_t on_send(char *to, size_t size, size_t n, void *arg)
{
	struct wire *w = arg;
	const struct http_exchange *x = w->x;
	size_t room = size * n, put = 0;

	while (put < room && w->piece < x->n_body) {
		const struct http_piece *p = &x->body[w->piece];
		size_t now = MIN(room - put, p->len - w->at);

		if (now)
			memcpy(to + put, (const char *)p->data + w->at, now);
		put += now;
		w->at += now;
		if (w->at == p->len) {
			w->piece++;
			w->at = 0;
		}
	}
	w->moved += put;
	if (w->piece == x->n_body)
		request_is_sent(w);
	return put;
}

/* The library sends it again, from the beginning: a kept connection was dead. */
static int on_rewind(void *arg, curl_off_t offset, int origin)
{
	struct wire *w = arg;

	if (offset != 0 || origin != SEEK_SET)
		return CURL_SEEKFUNC_FAIL;
	w->piece = w->at = 0;
	w->sent = false;
	return CURL_SEEKFUNC_OK;
}

/* "HTTP/1.1 206 Partial Content": a reply begins.  There may have been others
 * before it (1xx), which are forgotten. */
static void begin_reply(struct wire *w, const char *line, size_t len)
{
	const char *space = memchr(line, ' ', len);

	w->headers_over = false;
	w->reply_len = 0;
	w->x->reply[0] = '\0';
	w->x->status = 0;
	for (const char *p = space ? space + 1 : line + len;
	     p < line + len && *p >= '0' && *p <= '9' && w->x->status < 1000;
	     p++)
		w->x->status = w->x->status * 10 + (*p - '0');
}

/* -EMSGSIZE: a server that has so much to say of itself is none of ours. */
static int keep_header(struct wire *w, const char *line, size_t len)
{
	while (len > 0 && strchr("\r\n", line[len - 1]))
		len--;
	if (len == 0) {
		w->headers_over = true;
		return 0;
	}
	if (len + 2 > HTTP_REPLY_HEADERS - w->reply_len)
		return -EMSGSIZE;
	memcpy(w->x->reply + w->reply_len, line, len);
	w->reply_len += len;
	w->x->reply[w->reply_len++] = '\n';
	w->x->reply[w->reply_len] = '\0';
	return 0;
}

static size_t on_header(char *line, size_t size, size_t n, void *arg)
{
	struct wire *w = arg;
	size_t len = size * n;

	if (!w->x->first_byte_ns)
		w->x->first_byte_ns = clock_ns();
	w->sent = true; /* or it does not want the rest */
	w->moved += len;
	if (len >= 5 && !strncmp(line, "HTTP/", 5))
		begin_reply(w, line, len);
	else if (!w->headers_over) /* else a trailer: not read */
		w->rc = keep_header(w, line, len);
	return w->rc ? 0 : len;
}

static int take_body(struct http_exchange *x, const void *data, size_t len)
{
	int rc = 0;

	if (x->sink) {
		rc = x->sink(x->sink_arg, data, len);
	} else if (x->into) {
		if (len > x->into_size - x->got)
			return -EMSGSIZE;
		memcpy((char *)x->into + x->got, data, len);
	}
	x->got += len;
	return rc;
}

/* Enough to be understood; the connection is given up rather than the rest
 * read. */
static int take_refusal(struct wire *w, const void *data, size_t len)
{
	struct http_exchange *x = w->x;
	size_t room = HTTP_REFUSAL - 1 - x->refusal_len;
	size_t keep = MIN(room, len);

	memcpy(x->refusal + x->refusal_len, data, keep);
	x->refusal_len += keep;
	x->refusal[x->refusal_len] = '\0';
	w->refused += len;
	return w->refused > REFUSAL_READ ? -EMSGSIZE : 0;
}

static bool is_success(int status)
{
	return status >= 200 && status < 300;
}

static size_t on_receive(char *data, size_t size, size_t n, void *arg)
{
	struct wire *w = arg;
	size_t len = size * n;

	w->moved += len;
	if (is_success(w->x->status))
		w->rc = take_body(w->x, data, len);
	else
		w->rc = take_refusal(w, data, len);
	return w->rc ? CURL_WRITEFUNC_ERROR : len;
}

/* ---- Connections --------------------------------------------------------- */

static void free_wire(struct wire *w)
{
	if (!w)
		return;
	curl_easy_cleanup(w->easy);
	curl_multi_cleanup(w->multi);
	free(w);
}

/* What never changes.  TLS: the standard is to verify both certificate and
 * name, and stays so. */
static void set_up(const struct http *h, struct wire *w)
{
	CURL *e = w->easy;
	const struct http_options *o = &h->options;

	curl_multi_setopt(w->multi, CURLMOPT_MAXCONNECTS, 4L);
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	/* A name server that is silent must not hold a cancelled call. */
	curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(e, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(e, CURLOPT_PATH_AS_IS, 1L); /* keys hold "//", "/." */
	curl_easy_setopt(e, CURLOPT_TCP_NODELAY, 1L);
	curl_easy_setopt(e, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(e, CURLOPT_BUFFERSIZE, 512L << 10);
	curl_easy_setopt(e, CURLOPT_UPLOAD_BUFFERSIZE, 512L << 10);
	curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)o->connect_ms);
	curl_easy_setopt(e, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(e, CURLOPT_USERAGENT, "dliofs");
	if (h->ca_file)
		curl_easy_setopt(e, CURLOPT_CAINFO, h->ca_file);

	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, w->error);
	curl_easy_setopt(e, CURLOPT_PREREQFUNCTION, on_connected);
	curl_easy_setopt(e, CURLOPT_PREREQDATA, w);
	curl_easy_setopt(e, CURLOPT_READFUNCTION, on_send);
	curl_easy_setopt(e, CURLOPT_READDATA, w);
	curl_easy_setopt(e, CURLOPT_SEEKFUNCTION, on_rewind);
	curl_easy_setopt(e, CURLOPT_SEEKDATA, w);
	curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(e, CURLOPT_HEADERDATA, w);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_receive);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, w);
}

static struct wire *new_wire(const struct http *h)
{
	struct wire *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->easy = curl_easy_init();
	w->multi = curl_multi_init();
	if (!w->easy || !w->multi) {
		free_wire(w);
		return NULL;
	}
	set_up(h, w);
	return w;
}

static struct wire *take_idle(struct http *h)
{
	LOCKED(&h->lock);
	struct wire *w = h->idle;

	if (w) {
		h->idle = w->next;
		h->n_idle--;
	}
	return w;
}

/* False: there are enough. */
static bool put_idle(struct http *h, struct wire *w)
{
	LOCKED(&h->lock);

	if (h->n_idle >= h->options.kept)
		return false;
	w->next = h->idle;
	h->idle = w;
	h->n_idle++;
	return true;
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
	static const struct {
		const char *name; /* where it is not what libcurl would say */
		bool sends;
	} methods[] = {
		[HTTP_GET] = { NULL, false },
		[HTTP_HEAD] = { NULL, false },
		[HTTP_PUT] = { NULL, true },
		[HTTP_POST] = { "POST", true },
		[HTTP_DELETE] = { "DELETE", false },
	};
	CURL *e = w->easy;
	curl_off_t len = 0;

	for (size_t i = 0; i < x->n_body; i++)
		len += (curl_off_t)x->body[i].len;
	curl_easy_setopt(e, CURLOPT_HTTPGET, 1L); /* forget the last one */
	if (x->method == HTTP_HEAD)
		curl_easy_setopt(e, CURLOPT_NOBODY, 1L);
	if (methods[x->method].sends || len > 0)
		curl_easy_setopt(e, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(e, CURLOPT_INFILESIZE_LARGE, len);
	curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST, methods[x->method].name);
	curl_easy_setopt(e, CURLOPT_NOPROXY, x->direct ? "*" : NULL);
	if (curl_easy_setopt(e, CURLOPT_URL, x->url) != CURLE_OK)
		return -ENOMEM;
	return set_headers(w, x);
}

static void start_afresh(struct wire *w, struct http_exchange *x)
{
	x->status = 0;
	x->got = x->refusal_len = 0;
	x->first_byte_ns = 0;
	x->reply[0] = x->refusal[0] = x->why[0] = w->error[0] = '\0';
	w->x = x;
	w->rc = 0;
	w->sent = x->n_body == 0;
	w->headers_over = false;
	w->reply_len = w->piece = w->at = w->refused = 0;
	w->moved = w->seen = w->since_ns = 0;
}

static bool is_set(const _Atomic bool *flag)
{
	return flag && atomic_load_explicit(flag, memory_order_relaxed);
}

/* One byte a second keeps no connection alive: a stall ends with a KiB. */
#define STALL_BYTES 1024

/* The time is up for the phase that it is in: connecting (libcurl looks after
 * that), sending, waiting for the first byte, receiving. */
static int check_phase(const struct http_options *o, struct wire *w,
		       uint64_t now)
{
	bool waiting = w->sent && !w->x->first_byte_ns;
	uint64_t limit = waiting ? o->first_byte_ms : o->stall_ms;

	if (!w->since_ns)
		return 0;
	if (w->moved - w->seen >= STALL_BYTES) {
		w->seen = w->moved;
		w->since_ns = now;
	}
	if (now <= w->since_ns || now - w->since_ns < limit * NS_PER_MS)
		return 0;
	snprintf(w->x->why, sizeof(w->x->why),
		 waiting ? "no answer for %llu ms" :
			   "less than a KiB in %llu ms",
		 (unsigned long long)limit);
	return -ETIMEDOUT;
}

static int check(const struct http_options *o, struct wire *w, uint64_t now)
{
	const struct http_exchange *x = w->x;

	if (is_set(x->stop) || is_set(x->cancel))
		return -ECANCELED;
	if (x->deadline_ns && now >= x->deadline_ns) {
		snprintf(w->x->why, sizeof(w->x->why), "the time is up");
		return -ETIMEDOUT;
	}
	return check_phase(o, w, now);
}

/* Milliseconds until somebody should look again. */
static int patience(const struct http_exchange *x, uint64_t now)
{
	uint64_t left = x->deadline_ns ? x->deadline_ns - now : UINT64_MAX;

	return (int)MIN(left / NS_PER_MS + 1, (uint64_t)LOOK_MS);
}

/* 0: libcurl has come to an end, good or bad. */
static int drive(const struct http *h, struct wire *w)
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
		rc = check(&h->options, w, now);
		if (rc)
			return rc;
		if (curl_multi_poll(w->multi, NULL, 0, patience(w->x, now),
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
		{ CURLE_UNSUPPORTED_PROTOCOL, -EINVAL },
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

	if (w->rc)
		return w->rc;
	if (code == CURLE_COULDNT_CONNECT)
		return connect_error(w);
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++)
		if (errors[i].code == code)
			return errors[i].error;
	return -EPROTO;
}

static int attempt(const struct http *h, struct wire *w)
{
	struct http_exchange *x = w->x;
	CURLcode code;
	int rc;

	if (curl_multi_add_handle(w->multi, w->easy) != CURLM_OK)
		return -ENOMEM;
	rc = drive(h, w);
	if (rc == 0) {
		code = outcome(w);
		rc = error_of(w, code);
		/* It was understood, and that is all. */
		if (rc == -EMSGSIZE && w->refused > REFUSAL_READ)
			rc = 0;
		if (rc)
			snprintf(x->why, sizeof(x->why), "%.127s",
				 w->error[0] ? w->error :
					       curl_easy_strerror(code));
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
	return rc == -ECONNRESET && connections == 0 && !w->x->first_byte_ns;
}

static int exchange(const struct http *h, struct wire *w,
		    struct http_exchange *x)
{
	int rc;

	start_afresh(w, x);
	rc = set_request(w, x);
	if (rc)
		return rc;
	rc = attempt(h, w);
	if (!was_stale(w, rc))
		return rc;
	start_afresh(w, x);
	curl_easy_setopt(w->easy, CURLOPT_FRESH_CONNECT, 1L);
	rc = attempt(h, w);
	curl_easy_setopt(w->easy, CURLOPT_FRESH_CONNECT, 0L);
	return rc;
}

/* ---- What the header promised -------------------------------------------- */

static const char *ca_file_of(const struct http_options *o)
{
	static const char *const names[] = { "AWS_CA_BUNDLE", "CURL_CA_BUNDLE",
					     "SSL_CERT_FILE" };

	if (o->ca_file)
		return o->ca_file;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *value = getenv(names[i]);

		if (value && *value)
			return value;
	}
	return NULL;
}

static void set_standards(struct http_options *o)
{
	o->kept = o->kept ? o->kept : KEPT;
	o->connect_ms = o->connect_ms ? o->connect_ms : CONNECT_MS;
	o->first_byte_ms = o->first_byte_ms ? o->first_byte_ms : FIRST_BYTE_MS;
	o->stall_ms = o->stall_ms ? o->stall_ms : STALL_MS;
}

int http_new(const struct http_options *options, struct http **out)
{
	const char *ca_file = ca_file_of(options);
	struct http *h;

	if (ca_file && access(ca_file, R_OK))
		return log_fail(-errno, "certificates of authorities %s",
				ca_file);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return log_fail(-ENOMEM, "libcurl");
	h = calloc(1, sizeof(*h));
	if (!h) {
		curl_global_cleanup();
		return -ENOMEM;
	}
	pthread_mutex_init(&h->lock, NULL);
	h->options = *options;
	set_standards(&h->options);
	if (ca_file) {
		h->ca_file = strdup(ca_file);
		if (!h->ca_file) {
			http_free(h);
			return -ENOMEM;
		}
	}
	*out = h;
	return 0;
}

void http_free(struct http *h)
{
	struct wire *w;

	if (!h)
		return;
	while ((w = take_idle(h)))
		free_wire(w);
	pthread_mutex_destroy(&h->lock);
	free(h->ca_file);
	free(h);
	curl_global_cleanup();
}

int http_perform(struct http *h, struct http_exchange *x)
{
	struct wire *w = take_idle(h);
	int rc = -ENOMEM;

	x->begin_ns = clock_ns();
	if (!w)
		w = new_wire(h);
	if (w) {
		rc = exchange(h, w, x);
		w->x = NULL;
		if (rc == -ENOMEM || !put_idle(h, w))
			free_wire(w);
	}
	x->end_ns = clock_ns();
	return rc;
}

const char *http_reply_header(const struct http_exchange *x, const char *name,
			      size_t *len)
{
	size_t name_len = strlen(name);

	for (const char *line = x->reply; *line;) {
		size_t line_len = strcspn(line, "\n");
		const char *end = line + line_len;

		if (line_len > name_len && line[name_len] == ':' &&
		    !strncasecmp(line, name, name_len)) {
			const char *value = line + name_len + 1;

			value += strspn(value, " \t");
			while (end > value && strchr(" \t", end[-1]))
				end--;
			*len = (size_t)(end - value);
			return value;
		}
		line = end + (*end == '\n');
	}
	return NULL;
}
