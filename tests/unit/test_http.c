/* One attempt of one request, against a server that breaks what it is told to
 * break. */
#include "backends/http.h"

#include "base/clock.h"
#include "lib/await.h"
#include "lib/fault_server.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

#define MS UINT64_C(1000000)
#define BIG (3 << 20)

/* A label has 63 bytes at most: no name server is asked, whose silence would
 * be another's fault. */
#define N16 "nobodynobodynobo"
#define NOBODY N16 N16 N16 N16 ".invalid"

static struct fault_server *server;
static struct http *http;
static struct http_exchange *x;
static char *url;

/* What this machine is told about proxies and authorities is not the tests'. */
static void set_up(void)
{
	static const char *const names[] = {
		"http_proxy",	  "https_proxy",   "all_proxy",
		"HTTP_PROXY",	  "HTTPS_PROXY",   "ALL_PROXY",
		"no_proxy",	  "NO_PROXY",	   "AWS_CA_BUNDLE",
		"CURL_CA_BUNDLE", "SSL_CERT_FILE",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		unsetenv(names[i]);
	x = calloc(1, sizeof(*x));
	cr_assert_not_null(x);
}

static void tear_down(void)
{
	http_free(http);
	fault_server_free(server);
	free(x);
	free(url);
}

TestSuite(http, .init = set_up, .fini = tear_down);

/* On a busy machine who answers may be silent for a while.  The quick are for
 * those who do not answer, or not to the end. */
static const struct http_options calm = { .connect_ms = 60000,
					  .first_byte_ms = 60000,
					  .stall_ms = 60000 };
static const struct http_options quick = { .connect_ms = 60000,
					   .first_byte_ms = 300,
					   .stall_ms = 60000 };
static const struct http_options quick_midway = { .connect_ms = 60000,
						  .first_byte_ms = 60000,
						  .stall_ms = 300 };

static void serve_with(bool tls, const struct fault_rule *rules, size_t n,
		       const struct http_options *options)
{
	const struct fault_server_options o = { .tls = tls,
						.rules = rules,
						.n_rules = n };
	struct http_options with = *options;

	cr_assert_eq(fault_server_new(&o, &server), 0);
	if (tls)
		with.ca_file = fault_server_ca(server);
	cr_assert_eq(http_new(&with, &http), 0);
}

static void serve(const struct fault_rule *rules, size_t n)
{
	serve_with(false, rules, n, &calm);
}

static void end_service(void)
{
	http_free(TAKE(http));
	fault_server_free(TAKE(server));
}

/* The exchange is otherwise the caller's. */
static int ask(enum http_method method, const char *target)
{
	free(url);
	cr_assert_gt(asprintf(&url, "%s%s", fault_server_url(server), target),
		     0);
	x->method = method;
	x->url = url;
	return http_perform(http, x);
}

static const struct fault_request *request(unsigned i)
{
	return fault_server_request(server, i);
}

/* ---- When all is well ---------------------------------------------------- */

Test(http, the_reply_is_there_with_its_times)
{
	static const struct fault_rule rules[] = {
		{ .answer = { .headers = "ETag: \"7\"\r\n",
			      .body = "hello",
			      .fault = FAULT_STALL,
			      .ms = 30 } },
	};
	const char *etag;
	char buf[16];
	size_t len;

	serve(rules, 1);
	x->into = buf;
	x->into_size = sizeof(buf);
	cr_assert_eq(ask(HTTP_GET, "/a"), 0, "%s", x->why);
	cr_expect_eq(x->status, 200);
	cr_expect_eq(x->got, 5);
	cr_expect(!memcmp(buf, "hello", 5));
	etag = http_reply_header(x, "etag", &len);
	cr_assert_not_null(etag);
	cr_expect(len == 3 && !strncmp(etag, "\"7\"", 3));
	cr_expect_leq(x->begin_ns + 29 * MS, x->first_byte_ns);
	cr_expect_leq(x->first_byte_ns, x->end_ns);
}

Test(http, sends_what_it_is_told_and_little_else)
{
	static const struct http_piece pieces[] = { { "ab", 2 },
						    { NULL, 0 },
						    { "cde", 3 } };
	static const char *const headers[] = { "x-amz-date: 7",
					       "Host: elsewhere", NULL };
	static const char target[] = "/b//c/../%2e/%20+?x=%26&y";
	static const struct {
		enum http_method method;
		size_t pieces;
		const char *name, *body, *length;
	} cases[] = {
		{ HTTP_GET, 0, "GET", "", NULL },
		{ HTTP_HEAD, 0, "HEAD", "", NULL },
		{ HTTP_PUT, 3, "PUT", "abcde", "5" },
		{ HTTP_PUT, 0, "PUT", "", "0" },
		{ HTTP_GET, 0, "GET", "", NULL },
		{ HTTP_POST, 3, "POST", "abcde", "5" },
		{ HTTP_POST, 0, "POST", "", "0" },
		{ HTTP_HEAD, 0, "HEAD", "", NULL },
		{ HTTP_DELETE, 0, "DELETE", "", NULL },
		{ HTTP_GET, 0, "GET", "", NULL },
	};
	static const struct fault_rule rules[] = { { .answer.status = 204 } };

	serve(rules, 1);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct fault_request *q;
		const char *length;

		x->headers = headers;
		x->body = pieces;
		x->n_body = cases[i].pieces;
		cr_assert_eq(ask(cases[i].method, target), 0, "%s", x->why);
		cr_expect_eq(x->status, 204);
		q = request((unsigned)i);
		cr_expect_str_eq(q->method, cases[i].name);
		cr_expect_str_eq(q->target, target);
		cr_expect_str_eq(q->body, cases[i].body, "%zu", i);
		length = fault_request_header(q, "Content-Length");
		cr_expect_str_eq(length ? length : "none",
				 cases[i].length ? cases[i].length : "none",
				 "%zu", i);
		cr_expect_str_eq(fault_request_header(q, "Host"), "elsewhere");
		cr_expect_str_eq(fault_request_header(q, "x-amz-date"), "7");
		cr_expect_null(fault_request_header(q, "Expect"));
		cr_expect_null(fault_request_header(q, "Content-Type"));
		cr_expect_null(fault_request_header(q, "Transfer-Encoding"));
	}
	cr_expect_eq(fault_server_connections(server), 1);
}

static char byte_at(size_t i)
{
	return (char)(i * 2654435761u >> 24);
}

/* The body comes back. */
static void echo(void *arg, const struct fault_request *q,
		 struct fault_answer *a)
{
	(void)arg;
	a->owned = malloc(q->len);
	memcpy(a->owned, q->body, q->len);
	a->body = a->owned;
	a->len = q->len;
}

Test(http, much_goes_there_and_back_unharmed)
{
	AUTO_FREE char *there = malloc(BIG), *back = malloc(BIG);
	struct http_piece pieces[] = { { there, 1000001 },
				       { there + 1000001, BIG - 1000001 } };

	for (size_t i = 0; i < BIG; i++)
		there[i] = byte_at(i);
	for (int tls = 0; tls < 2; tls++) {
		const struct fault_server_options o = { .tls = tls,
							.handler = echo };
		struct http_options with = calm;

		cr_assert_eq(fault_server_new(&o, &server), 0);
		with.ca_file = tls ? fault_server_ca(server) : NULL;
		cr_assert_eq(http_new(&with, &http), 0);
		memset(back, 0, BIG);
		x->body = pieces;
		x->n_body = 2;
		x->into = back;
		x->into_size = BIG;
		cr_assert_eq(ask(HTTP_PUT, "/echo"), 0, "%s", x->why);
		cr_expect_eq(x->got, BIG);
		cr_expect(!memcmp(there, back, BIG));
		end_service();
	}
}

Test(http, a_status_that_is_no_success_is_no_error_of_ours)
{
	static const int statuses[] = { 302, 304, 403, 404, 412, 500, 503 };
	char buf[4] = "abc";

	for (size_t i = 0; i < ARRAY_SIZE(statuses); i++) {
		struct fault_rule rule = {
			.answer = { .status = statuses[i],
				    .headers = "Location: /elsewhere\r\n",
				    .body = statuses[i] == 304 ? NULL :
								 "<No/>" }
		};

		serve(&rule, 1);
		x->into = buf;
		x->into_size = sizeof(buf);
		cr_expect_eq(ask(HTTP_GET, "/a"), 0, "%d", statuses[i]);
		cr_expect_eq(x->status, statuses[i]);
		cr_expect_eq(x->got, 0);
		cr_expect_str_eq(x->refusal, statuses[i] == 304 ? "" : "<No/>");
		cr_expect_str_eq(buf, "abc");
		cr_expect_eq(fault_server_seen(server), 1, "not followed");
		end_service();
	}
}

Test(http, a_refusal_without_end_is_a_refusal)
{
	AUTO_FREE char *body = malloc(BIG);
	struct fault_rule rule = {
		.answer = { .status = 500, .body = body, .len = BIG }
	};

	memset(body, 'r', BIG);
	serve(&rule, 1);
	cr_expect_eq(ask(HTTP_GET, "/a"), 0, "%s", x->why);
	cr_expect_eq(x->status, 500);
	cr_expect_eq(x->refusal_len, HTTP_REFUSAL - 1);
	cr_expect_eq(ask(HTTP_GET, "/a"), 0, "on another connection");
	end_service();
}

/* ---- When it is not ------------------------------------------------------ */

#define BODY "0123456789"

Test(http, what_breaks_is_told_apart_and_bounded_in_time)
{
	static const char drops[601] = BODY;
	static const struct {
		const char *what;
		struct fault_answer answer;
		bool tls;
		int rc, status;
	} cases[] = {
		{ "closed", { .fault = FAULT_CLOSE }, false, -ECONNRESET, 0 },
		{ "reset", { .fault = FAULT_RESET }, false, -ECONNRESET, 0 },
		{ "reset in the body",
		  { .body = BODY, .fault = FAULT_RESET_BODY, .at = 4 },
		  false,
		  -ECONNRESET,
		  200 },
		{ "short",
		  { .body = BODY, .fault = FAULT_SHORT, .at = 4 },
		  false,
		  -ECONNRESET,
		  200 },
		{ "short over TLS",
		  { .body = BODY, .fault = FAULT_SHORT, .at = 4 },
		  true,
		  -ECONNRESET,
		  200 },
		{ "TLS cut",
		  { .body = BODY, .fault = FAULT_CUT, .at = 4 },
		  true,
		  -ECONNRESET,
		  200 },
		{ "silent",
		  { .body = BODY, .fault = FAULT_STALL, .ms = 60000 },
		  false,
		  -ETIMEDOUT,
		  0 },
		{ "stalls",
		  { .body = BODY,
		    .fault = FAULT_STALL_BODY,
		    .at = 4,
		    .ms = 60000 },
		  false,
		  -ETIMEDOUT,
		  200 },
		{ "drips",
		  { .body = drops,
		    .len = sizeof(drops) - 1,
		    .fault = FAULT_DRIP,
		    .ms = 100 },
		  false,
		  -ETIMEDOUT,
		  200 },
		{ "too much",
		  { .body = drops, .len = sizeof(drops) },
		  false,
		  -EMSGSIZE,
		  200 },
	};
	char buf[sizeof(drops) - 1];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fault_rule rule = { .answer = cases[i].answer };
		uint64_t start;

		serve_with(cases[i].tls, &rule, 1,
			   cases[i].rc != -ETIMEDOUT ? &calm :
			   cases[i].status	     ? &quick_midway :
						       &quick);
		start = clock_ns();
		x->into = buf;
		x->into_size = sizeof(buf);
		cr_expect_eq(ask(HTTP_GET, "/a"), cases[i].rc, "%s: %s",
			     cases[i].what, x->why);
		cr_expect_eq(x->status, cases[i].status, "%s", cases[i].what);
		cr_expect_eq(!*x->why, cases[i].rc == 0, "%s", cases[i].what);
		cr_expect_lt(clock_ns() - start, 50000 * MS, "%s",
			     cases[i].what);
		/* Who had no processor may not have read it yet. */
		cr_expect(AWAIT(fault_server_seen(server) > 0));
		cr_expect_eq(fault_server_seen(server), 1, "%s: not again",
			     cases[i].what);
		cr_expect_geq(x->end_ns, x->begin_ns);
		end_service();
	}
}

Test(http, who_is_slow_but_not_silent_is_waited_for)
{
	static const struct fault_rule rule = {
		.answer = { .body = BODY, .fault = FAULT_DRIP, .ms = 10 }
	};
	char buf[10];

	serve(&rule, 1);
	x->into = buf;
	x->into_size = sizeof(buf);
	cr_expect_eq(ask(HTTP_GET, "/a"), 0, "%s", x->why);
	cr_expect_eq(x->got, 10);
}

static const _Atomic bool yes = true;

Test(http, ends_when_told_to_and_at_its_deadline)
{
	static const struct fault_rule rules[] = {
		{ .answer = { .fault = FAULT_STALL, .ms = 60000 } },
	};
	uint64_t start;

	serve(rules, 1);
	start = clock_ns();
	x->stop = &yes;
	cr_expect_eq(ask(HTTP_GET, "/a"), -ECANCELED);
	x->stop = NULL;
	x->cancel = &yes;
	cr_expect_eq(ask(HTTP_GET, "/a"), -ECANCELED);
	x->cancel = NULL;
	x->deadline_ns = clock_ns() + 200 * MS;
	cr_expect_eq(ask(HTTP_GET, "/a"), -ETIMEDOUT);
	cr_expect_geq(x->end_ns, x->deadline_ns);
	cr_expect_lt(clock_ns() - start, 50000 * MS);
}

static void *cancel_what_waits(void *arg)
{
	cr_expect(AWAIT(fault_server_seen(server)));
	*(_Atomic bool *)arg = true;
	return NULL;
}

Test(http, a_flag_is_seen_while_waiting)
{
	static const struct fault_rule rules[] = {
		{ .answer = { .fault = FAULT_STALL, .ms = 60000 } },
	};
	_Atomic bool cancel = false;
	pthread_t thread;

	serve(rules, 1); /* which would end it no sooner */
	x->cancel = &cancel;
	pthread_create(&thread, NULL, cancel_what_waits, &cancel);
	cr_expect_eq(ask(HTTP_GET, "/a"), -ECANCELED);
	pthread_join(thread, NULL);
}

static int refuse(void *arg, const void *data, size_t len)
{
	(void)arg;
	(void)data;
	(void)len;
	return -EBADMSG;
}

Test(http, a_sink_ends_it_with_its_own_word)
{
	static const struct fault_rule rules[] = { { .answer.body = BODY } };

	serve(rules, 1);
	x->sink = refuse;
	cr_expect_eq(ask(HTTP_GET, "/a"), -EBADMSG);
	x->sink = NULL;
	cr_expect_eq(ask(HTTP_GET, "/a"), 0, "nowhere is fine");
	cr_expect_eq(x->got, 10);
}

/* ---- Whom we do not reach ------------------------------------------------ */

/* A socket that nobody has; or one that says this to whoever comes. */
struct listener {
	int fd;
	const char *says;
	pthread_t thread;
};

static void *speak(void *arg)
{
	struct listener *l = arg;
	char request[4096];
	int fd;

	while ((fd = accept(l->fd, NULL, NULL)) >= 0) {
		if (read(fd, request, sizeof(request)) > 0)
			(void)!write(fd, l->says, strlen(l->says));
		close(fd);
	}
	return NULL;
}

static void listener_start(struct listener *l, char target[64])
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t len = sizeof(address);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	l->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	cr_assert_eq(bind(l->fd, (struct sockaddr *)&address, len), 0);
	cr_assert_eq(getsockname(l->fd, (struct sockaddr *)&address, &len), 0);
	snprintf(target, 64, "http://127.0.0.1:%d/a", ntohs(address.sin_port));
	if (!l->says)
		return;
	cr_assert_eq(listen(l->fd, 4), 0);
	pthread_create(&l->thread, NULL, speak, l);
}

static void listener_stop(struct listener *l)
{
	shutdown(l->fd, SHUT_RDWR);
	if (l->says)
		pthread_join(l->thread, NULL);
	close(l->fd);
}

Test(http, who_cannot_be_reached_is_told_apart)
{
	struct listener nobody = { 0 };
	struct listener strange = { .says = "220 smtp.example\r\n" };
	char refused[64], no_http[64];
	const struct {
		const char *url;
		int rc;
	} cases[] = {
		{ refused, -ECONNREFUSED },
		{ no_http, -EPROTO },
		{ "http://" NOBODY "/a", -EHOSTUNREACH },
		{ "file:///etc/passwd", -EINVAL },
		{ "ftp://127.0.0.1/a", -EINVAL },
		{ "http://[::1/", -EINVAL },
	};

	listener_start(&nobody, refused);
	listener_start(&strange, no_http);
	cr_assert_eq(http_new(&calm, &http), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		x->url = cases[i].url;
		cr_expect_eq(http_perform(http, x), cases[i].rc, "%s: %d, %s",
			     x->url, x->status, x->why);
		cr_expect(*x->why, "%s", x->url);
	}
	listener_stop(&strange);
	listener_stop(&nobody);
}

Test(http, proxies_are_taken_from_the_environment)
{
	static const struct fault_rule rules[] = {
		{ .target = NOBODY, .answer.body = "by proxy" },
	};
	char buf[16] = "";

	serve(rules, 1);
	x->url = "http://" NOBODY "/a?b";
	x->into = buf;
	x->into_size = sizeof(buf);
	cr_expect_eq(http_perform(http, x), -EHOSTUNREACH);
	setenv("http_proxy", fault_server_url(server), 1);
	cr_expect_eq(http_perform(http, x), 0, "%s", x->why);
	cr_expect_str_eq(buf, "by proxy");
	setenv("no_proxy", NOBODY, 1);
	cr_expect_eq(http_perform(http, x), -EHOSTUNREACH);
}

Test(http, the_password_of_a_proxy_is_not_repeated)
{
	static const char *const proxies[] = {
		"http://user:hush@ho st:1",	 "user:hush@ho st:1",
		"http://user:hush@[::1:80",	 "other://user:hush@h:1",
		"http://user:hu#sh@h:1",	 "http://user:hu/sh@h:1",
		"http://user:hush@" NOBODY ":1",
	};

	cr_assert_eq(http_new(&calm, &http), 0);
	x->url = "http://" NOBODY "/a";
	for (size_t i = 0; i < ARRAY_SIZE(proxies); i++) {
		setenv("http_proxy", proxies[i], 1);
		cr_expect_lt(http_perform(http, x), 0);
		cr_expect(*x->why, "%s", proxies[i]);
		cr_expect_null(strstr(x->why, "hu"), "%s", x->why);
	}
}

/* ---- Who is at the other end? -------------------------------------------- */

static struct fault_server *other;

static int ask_with_ca(const char *ca_file)
{
	struct http_options options = calm;
	int rc;

	options.ca_file = ca_file;
	cr_assert_eq(http_new(&options, &http), 0);
	rc = ask(HTTP_GET, "/a");
	http_free(TAKE(http));
	return rc;
}

Test(http, a_certificate_that_nobody_vouches_for_is_refused)
{
	static const struct fault_rule rules[] = { { .answer.body = "a" } };
	const struct fault_server_options o = { .tls = true };
	const char *good, *bad;

	serve_with(true, rules, 1, &calm);
	end_service();
	cr_assert_eq(fault_server_new(&o, &other), 0);
	serve_with(true, rules, 1, &calm);
	http_free(TAKE(http));
	good = fault_server_ca(server);
	bad = fault_server_ca(other);

	cr_expect_eq(ask_with_ca(good), 0, "%s", x->why);
	cr_expect_eq(ask_with_ca(bad), -EKEYREJECTED, "%s", x->why);
	cr_expect_eq(ask_with_ca(NULL), -EKEYREJECTED, "the system's");
	setenv("SSL_CERT_FILE", good, 1);
	cr_expect_eq(ask_with_ca(NULL), 0, "%s", x->why);
	setenv("CURL_CA_BUNDLE", bad, 1);
	cr_expect_eq(ask_with_ca(NULL), -EKEYREJECTED);
	setenv("AWS_CA_BUNDLE", good, 1);
	cr_expect_eq(ask_with_ca(NULL), 0, "%s", x->why);
	cr_expect_eq(ask_with_ca(bad), -EKEYREJECTED,
		     "the option counts first");
	setenv("AWS_CA_BUNDLE", "", 1);
	setenv("CURL_CA_BUNDLE", "", 1);
	cr_expect_eq(ask_with_ca(NULL), 0, "empty is nothing");
	fault_server_free(other);
}

Test(http, the_certificate_must_be_for_the_name)
{
	static const struct fault_rule rules[] = { { .answer.body = "a" } };
	const char *port;

	serve_with(true, rules, 1, &calm);
	port = strrchr(fault_server_url(server), ':');
	/* libcurl needs nobody to find what ends in "localhost". */
	cr_assert_gt(asprintf(&url, "https://other.localhost%s/a", port), 0);
	x->url = url;
	cr_expect_eq(http_perform(http, x), -EKEYREJECTED, "%s", x->why);
}

Test(http, a_file_of_authorities_that_is_missing_is_said_at_once)
{
	const struct http_options options = { .ca_file = "/nonexistent" };

	cr_expect_eq(http_new(&options, &http), -ENOENT);
}

Test(http, tls_to_one_who_speaks_none_fails)
{
	struct listener plain = { .says = "HTTP/1.1 400 What?\r\n\r\n" };
	char target[64];

	listener_start(&plain, target);
	cr_assert_eq(http_new(&calm, &http), 0);
	cr_assert_gt(asprintf(&url, "https%s", strchr(target, ':')), 0);
	x->url = url;
	cr_expect_eq(http_perform(http, x), -EPROTO, "%s", x->why);
	listener_stop(&plain);
}

/* ---- Connections --------------------------------------------------------- */

Test(http, a_kept_connection_that_is_dead_does_not_count)
{
	static const struct http_piece piece = { "body", 4 };
	static const enum fault faults[] = { FAULT_CLOSE, FAULT_RESET };

	for (size_t i = 0; i < 2; i++)
		for (int method = HTTP_GET; method <= HTTP_DELETE; method++) {
			const struct fault_rule rules[] = {
				{ .first = 2,
				  .times = 1,
				  .answer.fault = faults[i] },
				{ .answer.body = NULL },
			};
			const struct fault_request *q;

			serve(rules, 2);
			x->n_body = 0;
			cr_expect_eq(ask(HTTP_GET, "/a"), 0);
			x->body = &piece;
			x->n_body = method == HTTP_PUT || method == HTTP_POST;
			cr_expect_eq(ask(method, "/b"), 0, "%d: %s", method,
				     x->why);
			cr_expect_eq(x->status, 200);
			cr_expect_eq(fault_server_seen(server), 3);
			cr_expect_eq(fault_server_connections(server), 2);
			q = request(2);
			cr_expect_str_eq(q->target, "/b");
			cr_expect_str_eq(q->body, x->n_body ? "body" : "");
			end_service();
		}
}

Test(http, a_dead_connection_is_replaced_once)
{
	static const struct fault_rule rules[] = {
		{ .first = 2, .answer.fault = FAULT_CLOSE },
		{ .answer.body = "a" },
	};

	serve(rules, 2);
	cr_expect_eq(ask(HTTP_GET, "/a"), 0);
	cr_expect_eq(ask(HTTP_GET, "/a"), -ECONNRESET);
	cr_expect_eq(fault_server_seen(server), 3);
}

Test(http, a_connection_that_broke_is_not_used_again)
{
	static const struct fault_rule rules[] = {
		{ .times = 1,
		  .answer = { .body = BODY,
			      .fault = FAULT_STALL_BODY,
			      .at = 4,
			      .ms = 60000 } },
		{ .answer.body = "fresh" },
	};
	char buf[16] = "";

	serve_with(false, rules, 2, &quick_midway);
	x->into = buf;
	x->into_size = sizeof(buf);
	cr_expect_eq(ask(HTTP_GET, "/a"), -ETIMEDOUT);
	cr_expect_eq(ask(HTTP_GET, "/a"), 0, "%s", x->why);
	cr_expect_eq(x->got, 5);
	cr_expect(!strncmp(buf, "fresh", 5), "%s", buf);
	cr_expect_eq(fault_server_connections(server), 2);
}

/* Takes one request, and of the second on that connection only the begin; the
 * third, on another, whole. */
static void *take_some(void *arg)
{
	static const char ok[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
	const struct linger reset = { .l_onoff = 1 };
	const struct listener *l = arg;
	size_t whole = 0;
	char some[4096];
	ssize_t got;
	int fd;

	fd = accept(l->fd, NULL, NULL);
	cr_expect_gt(read(fd, some, sizeof(some)), 0);
	cr_expect_gt(write(fd, ok, strlen(ok)), 0);
	cr_expect_gt(read(fd, some, sizeof(some)), 0);
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(fd);

	fd = accept(l->fd, NULL, NULL);
	while (whole < BIG && (got = read(fd, some, sizeof(some))) > 0)
		whole += (size_t)got;
	cr_expect_gt(write(fd, ok, strlen(ok)), 0);
	while (read(fd, some, sizeof(some)) > 0)
		;
	close(fd);
	return NULL;
}

Test(http, a_kept_connection_may_die_in_the_middle_of_sending)
{
	AUTO_FREE char *body = calloc(1, BIG);
	const struct http_piece piece = { body, BIG };
	struct listener l = { 0 };
	pthread_t thread;
	char target[64];

	listener_start(&l, target);
	cr_assert_eq(listen(l.fd, 4), 0);
	pthread_create(&thread, NULL, take_some, &l);
	cr_assert_eq(http_new(&calm, &http), 0);
	x->url = target;
	cr_expect_eq(http_perform(http, x), 0, "%s", x->why);
	x->method = HTTP_PUT;
	x->body = &piece;
	x->n_body = 1;
	cr_expect_eq(http_perform(http, x), 0, "%s", x->why);
	cr_expect_eq(x->status, 200);
	http_free(TAKE(http));
	listener_stop(&l);
	pthread_join(thread, NULL);
}

static void *ask_once(void *arg)
{
	struct http_exchange *mine = calloc(1, sizeof(*mine));

	mine->url = arg;
	cr_expect_eq(http_perform(http, mine), 0, "%s", mine->why);
	free(mine);
	return NULL;
}

static void ask_at_once(unsigned n)
{
	pthread_t threads[8];
	char target[64];

	snprintf(target, sizeof(target), "%s/a", fault_server_url(server));
	for (unsigned i = 0; i < n; i++)
		pthread_create(&threads[i], NULL, ask_once, target);
	for (unsigned i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
}

/* Nobody is answered before all have asked. */
static void answer_all(void *arg, const struct fault_request *q,
		       struct fault_answer *a)
{
	const _Atomic unsigned *all = arg;

	(void)q;
	cr_expect(AWAIT(fault_server_seen(server) >= *all));
	a->body = "a";
}

Test(http, so_many_connections_are_kept_and_no_more)
{
	struct http_options options = calm;
	_Atomic unsigned all = 0;
	const struct fault_server_options o = { .handler = answer_all,
						.arg = &all };
	static const struct {
		unsigned ask, connections;
	} cases[] = { { 5, 5 }, { 3, 5 }, { 4, 6 } };

	options.kept = 3;
	cr_assert_eq(fault_server_new(&o, &server), 0);
	cr_assert_eq(http_new(&options, &http), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		all += cases[i].ask;
		ask_at_once(cases[i].ask);
		cr_expect_eq(fault_server_connections(server),
			     cases[i].connections, "case %zu", i);
	}
}

static void *die_soon(void *arg)
{
	(void)arg;
	clock_sleep_until(clock_ns() + 10 * MS); /* or before it is sent */
	fault_server_die(server);
	return NULL;
}

Test(http, a_server_that_dies_while_we_send_does_not_kill_us)
{
	/* Or it might answer before it dies. */
	static const struct fault_rule never = {
		.method = "PUT",
		.answer = { .fault = FAULT_STALL, .ms = 60000 },
	};
	AUTO_FREE char *body = calloc(1, BIG);
	static struct http_piece pieces[64];
	pthread_t thread;

	signal(SIGPIPE, SIG_DFL);
	for (size_t i = 0; i < ARRAY_SIZE(pieces); i++)
		pieces[i] = (struct http_piece){ body, BIG };
	for (int tls = 0; tls < 2; tls++) {
		int rc;

		serve_with(tls, &never, 1, &quick_midway);
		x->n_body = 0;
		cr_assert_eq(ask(HTTP_GET, "/a"), 0);
		x->body = pieces;
		x->n_body = ARRAY_SIZE(pieces);
		pthread_create(&thread, NULL, die_soon, NULL);
		rc = ask(HTTP_PUT, "/a");
		cr_expect_lt(rc, 0, "%d", x->status);
		pthread_join(thread, NULL);
		end_service();
	}
}
