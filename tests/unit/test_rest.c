/* Calls that are tried again, against a server that breaks things. */
#include "backends/rest.h"

#include "base/clock.h"
#include "lib/await.h"
#include "lib/capture.h"
#include "lib/fault_server.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <time.h>

#define MS UINT64_C(1000000)
#define BODY "0123456789"
#define SECRET "sekret"

static struct fault_server *server;
static struct rest *rest;
static struct recorder *recorder;
static struct http_exchange *x;

/* ---- A store of its own dialect ------------------------------------------ */

/* A refusal's body is "Code message"; a 2xx that begins with "!" is none. */
static struct {
	_Atomic unsigned signs, refreshes;
	int no_key; /* what sign says */
} store;

static int sign(void *arg, const struct rest_call *call, struct rest_request *q)
{
	(void)arg;
	(void)call;
	if (store.no_key)
		return store.no_key;
	store.signs++;
	q->query = q->query ? q->query : "sig=" SECRET;
	return rest_add_header(q, "Authorization: %s %u", SECRET,
			       (unsigned)store.refreshes);
}

static void refresh(void *arg, const char *key)
{
	(void)key;
	(void)arg;
	store.refreshes++;
}

static void explain(const struct http_exchange *e, char code[REST_CODE],
		    char message[256])
{
	int len = (int)strcspn(e->refusal, " ");

	snprintf(code, REST_CODE, "%.*s", len, e->refusal);
	snprintf(message, 256, "%.255s", e->refusal + len);
}

static int doubt(const struct rest_call *call, const struct http_exchange *e,
		 struct rest_error *error)
{
	const char *text = call->into;

	if (!text || e->got == 0 || text[0] != '!')
		return 0;
	error->code = "Doubted";
	error->advice = text[1] == '!' ? REST_FINAL : REST_AGAIN;
	return -EIO;
}

static const struct rest_error errors[] = {
	{ 404, NULL, -ENOENT, REST_FINAL },
	{ 412, NULL, -ESTALE, REST_FINAL },
	{ 403, "Expired", -EKEYEXPIRED, REST_REFRESH },
	{ 403, NULL, -EACCES, REST_FINAL },
	{ 500, NULL, -EIO, REST_AGAIN },
	{ 503, NULL, -EBUSY, REST_SLOWER },
	{ 0, "Weird", -EDOM, REST_FINAL },
	{ 0, NULL, -EPROTO, REST_FINAL },
};

static const struct rest_dialect dialect = {
	.name = "test",
	.request_id = "x-id",
	.errors = errors,
	.explain = explain,
	.sign = sign,
	.refresh = refresh,
	.doubt = doubt,
};

/* ---- Setting up ---------------------------------------------------------- */

static void set_up(void)
{
	static const char *const names[] = { "http_proxy", "HTTP_PROXY",
					     "all_proxy", "ALL_PROXY",
					     "https_proxy" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		unsetenv(names[i]);
	x = calloc(1, sizeof(*x));
	cr_assert_not_null(x);
}

static void end_service(void)
{
	rest_free(TAKE(rest));
	fault_server_free(TAKE(server));
	recorder_free(TAKE(recorder));
}

static void tear_down(void)
{
	end_service();
	free(x);
}

TestSuite(rest, .init = set_up, .fini = tear_down);

/* Fast, for tests. */
static const struct rest_options fast = {
	.dialect = &dialect,
	.uri = "test://bucket",
	.http = { .connect_ms = 60000,
		  .first_byte_ms = 60000,
		  .stall_ms = 60000 },
	.attempts = 4,
	.deadline_ms = 90000,
	.concurrency = 8,
	.pause_ms = 5,
	.seed = 1,
};

static void serve_with(const struct fault_rule *rules, size_t n,
		       const struct rest_options *options)
{
	const struct fault_server_options o = { .rules = rules, .n_rules = n };
	struct rest_options with = *options;

	memset(&store, 0, sizeof(store));
	cr_assert_eq(fault_server_new(&o, &server), 0);
	cr_assert_eq(recorder_new(-1, &recorder), 0);
	with.recorder = recorder;
	cr_assert_eq(rest_new(&with, &rest), 0);
}

static void serve(const struct fault_rule *rules, size_t n)
{
	serve_with(rules, n, &fast);
}

/* Who only has no processor may be taken for silent, too: what succeeds in the
 * end may take more attempts. */
static struct rest_options impatient(void)
{
	struct rest_options o = fast;

	o.http.first_byte_ms = o.http.stall_ms = 200;
	return o;
}

static bool is_silence(enum fault fault)
{
	return fault == FAULT_STALL || fault == FAULT_STALL_BODY ||
	       fault == FAULT_DRIP;
}

static struct rest_options options_for(enum fault fault)
{
	return is_silence(fault) ? impatient() : fast;
}

static struct rest_call call_of(const char *path, void *into, size_t size)
{
	return (struct rest_call){ .op = REC_READ,
				   .object = "obj",
				   .method = HTTP_GET,
				   .server = fault_server_url(server),
				   .path = path,
				   .into = into,
				   .into_size = size,
				   .exchange = x };
}

/* A server that has answered once is given all attempts. */
static void warm_up(void)
{
	struct rest_call c = call_of("/warm", NULL, 0);

	c.silent = true; /* the same is not said twice */
	cr_assert(AWAIT(rest_call(rest, &c) == 0), "%s", x->why);
}

static uint64_t counted(enum rec_counter counter)
{
	return recorder_counter(recorder, counter);
}

static struct rec_figures *figures(enum rec_op op)
{
	static struct rec_figures f;

	recorder_get(recorder, REC_REQUEST, op, &f);
	return &f;
}

/* ---- Each fault ---------------------------------------------------------- */

Test(rest, each_fault_is_tried_again_or_told_with_its_own_error)
{
	static const struct {
		const char *what;
		struct fault_answer fault;
		unsigned times; /* then all is well; 0: never */
		int rc;
		unsigned attempts;
		uint64_t throttled, refreshed;
	} cases[] = {
		{ "500", { .status = 500 }, 2, 0, 3, 0, 0 },
		{ "500 for good", { .status = 500 }, 0, -EIO, 4, 0, 0 },
		{ "503", { .status = 503 }, 1, 0, 2, 1, 0 },
		{ "503 for good", { .status = 503 }, 0, -EBUSY, 4, 4, 0 },
		{ "expired",
		  { .status = 403, .body = "Expired key" },
		  1,
		  0,
		  2,
		  0,
		  1 },
		{ "expired twice",
		  { .status = 403, .body = "Expired key" },
		  0,
		  -EKEYEXPIRED,
		  2,
		  0,
		  1 },
		{ "forbidden", { .status = 403 }, 0, -EACCES, 1, 0, 0 },
		{ "not there", { .status = 404 }, 0, -ENOENT, 1, 0, 0 },
		{ "changed", { .status = 412 }, 0, -ESTALE, 1, 0, 0 },
		{ "redirected", { .status = 302 }, 0, -EPROTO, 1, 0, 0 },
		{ "by code",
		  { .status = 418, .body = "Weird!" },
		  0,
		  -EPROTO,
		  1,
		  0,
		  0 },
		{ "by its code alone",
		  { .status = 418, .body = "Weird tea" },
		  0,
		  -EDOM,
		  1,
		  0,
		  0 },
		/* The first hits the kept connection, and does not count. */
		{ "closed", { .fault = FAULT_CLOSE }, 2, 0, 2, 0, 0 },
		{ "reset", { .fault = FAULT_RESET }, 2, 0, 2, 0, 0 },
		{ "reset in the body",
		  { .body = BODY, .fault = FAULT_RESET_BODY, .at = 3 },
		  1,
		  0,
		  2,
		  0,
		  0 },
		{ "short",
		  { .body = BODY, .fault = FAULT_SHORT, .at = 3 },
		  0,
		  -ECONNRESET,
		  4,
		  0,
		  0 },
		{ "too much", { .body = BODY BODY }, 1, 0, 2, 0, 0 },
		{ "too much for good",
		  { .body = BODY BODY },
		  0,
		  -EMSGSIZE,
		  4,
		  0,
		  0 },
		{ "silent",
		  { .fault = FAULT_STALL, .ms = 60000 },
		  1,
		  0,
		  2,
		  0,
		  0 },
		{ "silent for good",
		  { .fault = FAULT_STALL, .ms = 60000 },
		  0,
		  -ETIMEDOUT,
		  4,
		  0,
		  0 },
		{ "stalls",
		  { .body = BODY,
		    .fault = FAULT_STALL_BODY,
		    .at = 3,
		    .ms = 60000 },
		  1,
		  0,
		  2,
		  0,
		  0 },
		{ "drips",
		  { .body = BODY, .fault = FAULT_DRIP, .ms = 6000 },
		  1,
		  0,
		  2,
		  0,
		  0 },
		{ "200 with an error", { .body = "!234567890" }, 2, 0, 3, 0, 0 },
		{ "200 with an error for good",
		  { .body = "!234567890" },
		  0,
		  -EIO,
		  4,
		  0,
		  0 },
		{ "200 with an error that stays",
		  { .body = "!!34567890" },
		  0,
		  -EIO,
		  1,
		  0,
		  0 },
		{ "a refusal that breaks off",
		  { .status = 403,
		    .body = BODY,
		    .fault = FAULT_RESET_BODY,
		    .at = 3 },
		  0,
		  -EACCES,
		  1,
		  0,
		  0 },
	};
	char buf[10];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct fault_rule rules[] = {
			{ .target = "/warm", .answer.body = NULL },
			{ .target = "/a",
			  .times = cases[i].times,
			  .answer = cases[i].fault },
			{ .answer.body = BODY },
		};
		bool heals = cases[i].rc == 0 &&
			     is_silence(cases[i].fault.fault);
		struct rest_options options = options_for(cases[i].fault.fault);
		uint64_t retries, count, failures;
		struct rest_call c;
		int rc;

		if (heals)
			options.attempts = 1000;
		serve_with(rules, 3, &options);
		warm_up();
		retries = counted(REC_RETRIES);
		count = figures(REC_READ)->count;
		failures = figures(REC_READ)->errors;
		c = call_of("/a", buf, sizeof(buf));
		rc = rest_call(rest, &c);
		cr_expect_eq(rc, cases[i].rc, "%s: %d %s", cases[i].what, rc,
			     x->why);
		cr_expect(c.attempts == cases[i].attempts ||
				  (heals && c.attempts > cases[i].attempts),
			  "%s: %u", cases[i].what, c.attempts);
		cr_expect_eq(rc != 0, memcmp(buf, BODY, 10) != 0, "%s",
			     cases[i].what);
		memset(buf, 0, sizeof(buf));

		cr_expect_eq(counted(REC_RETRIES), retries + c.attempts - 1,
			     "%s", cases[i].what);
		cr_expect_eq(counted(REC_THROTTLED), cases[i].throttled, "%s",
			     cases[i].what);
		cr_expect_eq(counted(REC_REFRESHED), cases[i].refreshed, "%s",
			     cases[i].what);
		cr_expect_eq(figures(REC_READ)->count, count + c.attempts, "%s",
			     cases[i].what);
		cr_expect_eq(figures(REC_READ)->errors,
			     failures + c.attempts - (rc == 0), "%s",
			     cases[i].what);
		cr_expect_eq(rest_busy(rest), 0);
		end_service();
	}
}

Test(rest, a_server_that_never_answered_is_given_three_attempts)
{
	static const struct fault_rule rules[] = {
		{ .answer.fault = FAULT_RESET },
	};
	struct rest_options options = fast;
	struct rest_call c;

	options.attempts = 10;
	serve_with(rules, 1, &options);
	c = call_of("/a", NULL, 0);
	cr_expect_eq(rest_call(rest, &c), -ECONNRESET);
	cr_expect_eq(c.attempts, 3);

	fault_server_die(server);
	cr_expect_eq(rest_call(rest, &c), -ECONNREFUSED);
	cr_expect_eq(c.attempts, 3);
}

/* ---- What is sent -------------------------------------------------------- */

Test(rest, each_attempt_is_signed_anew)
{
	static const struct fault_rule rules[] = {
		{ .times = 1, .answer = { .status = 403, .body = "Expired" } },
		{ .answer.body = NULL },
	};
	static const char *const headers[] = { "x-a: 1", "x-b: 2", NULL };
	static const struct http_piece pieces[] = { { "ab", 2 }, { "c", 1 } };
	const struct fault_request *q;
	struct rest_call c;

	serve(rules, 2);
	c = call_of("/b/k%20", NULL, 0);
	c.method = HTTP_PUT;
	c.op = REC_WRITE;
	c.headers = headers;
	c.body = pieces;
	c.n_body = 2;
	cr_expect_eq(rest_call(rest, &c), 0);
	cr_expect_eq(store.signs, 2);
	for (unsigned i = 0; i < 2; i++) {
		char want[32];

		snprintf(want, sizeof(want), SECRET " %u", i);
		q = fault_server_request(server, i);
		cr_expect_str_eq(q->method, "PUT");
		cr_expect_str_eq(q->target, "/b/k%20?sig=" SECRET);
		cr_expect_str_eq(fault_request_header(q, "x-a"), "1");
		cr_expect_str_eq(fault_request_header(q, "x-b"), "2");
		cr_expect_str_eq(fault_request_header(q, "Authorization"),
				 want);
		cr_expect_str_eq(q->body, "abc");
	}
	cr_expect_eq(figures(REC_WRITE)->bytes, 3);

	c.query = "uploads";
	c.headers = NULL;
	c.n_body = 0;
	cr_expect_eq(rest_call(rest, &c), 0);
	q = fault_server_request(server, 2);
	cr_expect_str_eq(q->target, "/b/k%20?uploads");
}

Test(rest, headers_have_so_much_room_and_no_more)
{
	static struct rest_request q;
	char text[sizeof(q.strings)];
	int rc = 0, n = 0;

	for (; n < 100 && rc == 0; n++)
		rc = rest_add_header(&q, "x-%d: %d", n, n);
	cr_expect_eq(rc, -EMSGSIZE);
	cr_expect_eq(n, ARRAY_SIZE(q.headers));
	cr_expect_str_eq(q.headers[38], "x-38: 38");
	cr_expect_null(q.headers[39]);

	memset(&q, 0, sizeof(q));
	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	cr_expect_eq(rest_add_header(&q, "%s", text), 0, "just fits");
	cr_expect_eq(rest_add_header(&q, "b"), -EMSGSIZE);
	cr_expect_null(q.headers[1]);
}

Test(rest, without_credentials_nothing_is_sent)
{
	struct capture said;
	struct rest_call c;

	serve(NULL, 0);
	store.no_key = -EACCES;
	c = call_of("/a", NULL, 0);
	capture_start(&said);
	cr_expect_eq(rest_call(rest, &c), -EACCES);
	cr_expect_str_eq(capture_stop(&said), "", "the signer has said it");
	cr_expect_eq(c.attempts, 0);
	cr_expect_eq(fault_server_seen(server), 0);
	cr_expect_eq(rest_busy(rest), 0);
}

static void *call_and_forget(void *call)
{
	cr_expect_eq(rest_call(rest, call), 0);
	return NULL;
}

/* On a thread whose stack outlives it. */
Test(rest, no_secret_stays_on_the_stack)
{
	static _Alignas(4096) char stack[1 << 20];
	static const struct fault_rule rule = { .answer.body = BODY };
	struct rest_call c;
	pthread_attr_t attr;
	pthread_t thread;

	serve(&rule, 1);
	c = call_of("/a", NULL, 0);
	pthread_attr_init(&attr);
	pthread_attr_setstack(&attr, stack, sizeof(stack));
	cr_assert_eq(pthread_create(&thread, &attr, call_and_forget, &c), 0);
	pthread_join(thread, NULL);
	pthread_attr_destroy(&attr);
	cr_expect_null(memmem(stack, sizeof(stack), SECRET, strlen(SECRET)));
}

/* ---- Sinks --------------------------------------------------------------- */

struct page {
	char text[64];
	unsigned begun;
};

static void begin_page(void *arg)
{
	struct page *p = arg;

	p->text[0] = '\0';
	p->begun++;
}

static int take(void *arg, const void *data, size_t len)
{
	struct page *p = arg;

	strncat(p->text, data, len);
	return strchr(p->text, '#') ? -EBADMSG :
	       strchr(p->text, '$') ? -ENOMEM :
				      0;
}

Test(rest, a_sink_starts_afresh_with_each_attempt)
{
	static const struct fault_rule rules[] = {
		{ .times = 1,
		  .answer = { .body = BODY, .fault = FAULT_SHORT, .at = 3 } },
		{ .first = 2, .times = 1, .answer.body = "bad#" },
		{ .target = "/a", .answer.body = BODY },
		{ .answer.body = "bad$" },
	};
	struct page page = { "left over", 0 };
	struct rest_call c;

	serve(rules, 4);
	c = call_of("/a", NULL, 0);
	c.begin = begin_page;
	c.sink = take;
	c.sink_arg = &page;
	cr_expect_eq(rest_call(rest, &c), 0);
	cr_expect_eq(c.attempts, 3);
	cr_expect_eq(page.begun, 3);
	cr_expect_str_eq(page.text, BODY);

	c.path = "/b";
	cr_expect_eq(rest_call(rest, &c), -ENOMEM);
	cr_expect_eq(c.attempts, 1, "that does not pass");
	cr_expect_str_eq(x->why, "its body is not what was asked for");
}

/* ---- Pauses, deadline, cancellation --------------------------------------- */

static const char *http_date(char out[96], time_t when)
{
	struct tm tm;

	gmtime_r(&when, &tm);
	strftime(out, 96, "Retry-After: %a, %d %b %Y %H:%M:%S GMT\r\n", &tm);
	return out;
}

Test(rest, retry_after_is_waited_for)
{
	for (int dated = 0; dated < 2; dated++) {
		time_t until = time(NULL) + 2;
		char date[96];
		const struct fault_rule rules[] = {
			{ .times = 1,
			  .answer = { .status = 503,
				      .headers =
					      dated ? http_date(date, until) :
						      "Retry-After: 1\r\n" } },
			{ .answer.body = NULL },
		};
		uint64_t start = clock_ns();
		struct timespec now;
		struct rest_call c;

		serve(rules, 2);
		c = call_of("/a", NULL, 0);
		cr_expect_eq(rest_call(rest, &c), 0);
		clock_gettime(CLOCK_REALTIME, &now);
		if (dated)
			cr_expect_geq(now.tv_sec, until);
		else
			cr_expect_geq(clock_ns() - start, 1000 * MS);
		cr_expect_lt(clock_ns() - start, 60000 * MS);
		end_service();
	}
}

Test(rest, no_attempt_is_waited_for_that_would_come_too_late)
{
	static const struct fault_rule rules[] = {
		{ .answer = { .status = 503,
			      .headers = "Retry-After: 600\r\n" } },
	};
	uint64_t start = clock_ns();
	struct rest_call c;

	serve(rules, 1);
	c = call_of("/a", NULL, 0);
	cr_expect_eq(rest_call(rest, &c), -EBUSY);
	cr_expect_eq(c.attempts, 1);
	cr_expect_lt(clock_ns() - start, 60000 * MS);
}

Test(rest, the_deadline_is_that_of_all_attempts)
{
	static const struct fault_rule rules[] = {
		{ .answer = { .fault = FAULT_STALL, .ms = 60000 } },
	};
	struct rest_options options = impatient();
	struct rest_call c;
	uint64_t start, took;

	options.attempts = 100;
	options.deadline_ms = 500;
	serve_with(rules, 1, &options);
	c = call_of("/a", NULL, 0);
	start = clock_ns();
	cr_expect_eq(rest_call(rest, &c), -ETIMEDOUT);
	took = (clock_ns() - start) / MS;
	cr_expect(took >= 400 && took < 50000, "%u ms", (unsigned)took);
	cr_expect(c.attempts >= 1 && c.attempts <= 3,
		  "200, 200 and 100 ms, and pauses: %u", c.attempts);
}

static void *set_when_asked(void *flag)
{
	cr_expect(AWAIT(fault_server_seen(server)));
	*(_Atomic bool *)flag = true;
	return NULL;
}

Test(rest, a_pause_ends_when_told_to)
{
	static const struct fault_rule rules[] = {
		{ .answer = { .status = 503,
			      .headers = "Retry-After: 80\r\n" } },
	};

	for (int i = 0; i < 2; i++) {
		_Atomic bool flag = false;
		struct rest_options options = fast;
		struct capture said;
		pthread_t thread;
		struct rest_call c;
		uint64_t start;

		options.stop = i ? &flag : NULL;
		serve_with(rules, 1, &options);
		c = call_of("/a", NULL, 0);
		c.cancel = i ? NULL : &flag;
		pthread_create(&thread, NULL, set_when_asked, &flag);
		start = clock_ns();
		capture_start(&said);
		cr_expect_eq(rest_call(rest, &c), -ECANCELED);
		cr_expect_str_eq(capture_stop(&said), "");
		cr_expect_lt(clock_ns() - start, 60000 * MS);
		cr_expect_eq(c.attempts, 1);
		pthread_join(thread, NULL);
		end_service();
	}
}

Test(rest, a_beginning_is_answered_although_all_shall_stop)
{
	static const struct fault_rule rules[] = {
		{ .answer = { .fault = FAULT_STALL, .ms = 200 } },
	};
	_Atomic bool flag = false;
	struct rest_options options = fast;
	pthread_t thread;
	struct rest_call c;

	options.stop = &flag;
	serve_with(rules, 1, &options);
	c = call_of("/a", NULL, 0);
	c.begins = true;
	pthread_create(&thread, NULL, set_when_asked, &flag);
	cr_expect_eq(rest_call(rest, &c), 0);
	pthread_join(thread, NULL);
	cr_expect_eq(rest_call(rest, &c), -ECANCELED, "another is not sent");
	cr_expect_eq(c.attempts, 0);
}

Test(rest, a_patient_call_waits_for_a_server_that_has_much_to_do)
{
	static const struct fault_rule rules[] = {
		{ .answer = { .body = BODY,
			      .fault = FAULT_STALL_BODY,
			      .at = 3,
			      .ms = 500 } },
	};
	const struct rest_options options = impatient();
	struct rest_call c;
	char buf[10];

	serve_with(rules, 1, &options);
	c = call_of("/a", buf, sizeof(buf));
	c.patient = true;
	cr_expect_eq(rest_call(rest, &c), 0);
	cr_expect_eq(c.attempts, 1);
}

/* ---- How many at a time -------------------------------------------------- */

Test(rest, throttling_narrows_the_gate_and_success_opens_it)
{
	static const struct fault_rule rules[] = {
		{ .times = 2, .answer.status = 503 },
		{ .answer.body = NULL },
	};
	struct rest_call c;

	serve(rules, 2);
	cr_expect_eq(counted(REC_LIMIT), 8);
	cr_expect_eq(counted(REC_LIMIT_LOWEST), 0);
	c = call_of("/a", NULL, 0);
	cr_expect_eq(rest_call(rest, &c), 0);
	cr_expect_eq(rest_limit(rest), 2);
	cr_expect_eq(counted(REC_LIMIT), 2);
	cr_expect_eq(counted(REC_LIMIT_LOWEST), 2);
	for (int i = 0; i < 40; i++)
		cr_expect_eq(rest_call(rest, &c), 0);
	cr_expect_eq(rest_limit(rest), 8);
	cr_expect_eq(counted(REC_LIMIT), 8);
	cr_expect_eq(counted(REC_LIMIT_LOWEST), 2);
	rest_free(TAKE(rest));
	cr_expect_eq(counted(REC_LIMIT), 0, "with the store");
}

static void *call_once(void *arg)
{
	struct rest_call c = *(struct rest_call *)arg;

	c.exchange = NULL;
	cr_expect_eq(rest_call(rest, &c), 0);
	return NULL;
}

/* One of a pair is not answered before the other has asked, and then only when
 * a third would have had some time to. */
static void answer_pairs(void *arg, const struct fault_request *q,
			 struct fault_answer *a)
{
	(void)arg;
	cr_expect(AWAIT(fault_server_seen(server) >= (q->number | 1) + 1));
	a->fault = FAULT_STALL;
	a->ms = 50;
}

Test(rest, no_more_are_under_way_than_may_be)
{
	const struct fault_server_options o = { .handler = answer_pairs };
	struct rest_options options = fast;
	struct rest_call c;
	pthread_t threads[6];

	options.concurrency = 2;
	cr_assert_eq(fault_server_new(&o, &server), 0);
	cr_assert_eq(rest_new(&options, &rest), 0);
	c = call_of("/a", NULL, 0);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		pthread_create(&threads[i], NULL, call_once, &c);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		pthread_join(threads[i], NULL);
	cr_expect_eq(fault_server_connections(server), 2);
	cr_expect_eq(rest_busy(rest), 0);
}

/* ---- The request level --------------------------------------------------- */

static int take_slowly(void *arg, const void *data, size_t len)
{
	(void)arg;
	(void)data;
	(void)len;
	clock_sleep_until(clock_ns() + 60 * MS);
	return 0;
}

Test(rest, each_attempt_is_recorded_with_its_first_byte)
{
	static const struct fault_rule rules[] = {
		{ .times = 1, .answer.status = 500 },
		{ .answer.body = BODY },
	};
	struct rest_call c;
	uint64_t took;

	serve(rules, 2);
	c = call_of("/a", NULL, 0);
	c.sink = take_slowly;
	cr_expect_eq(rest_call(rest, &c), 0);
	cr_expect_eq(figures(REC_READ)->count, 2);
	cr_expect_eq(figures(REC_READ)->errors, 1);
	cr_expect_eq(figures(REC_READ)->bytes, 10);
	took = hist_sum(&figures(REC_READ)->latency);
	cr_expect_eq(figures(REC_FIRST_BYTE)->count, 2);
	cr_expect_geq(took - hist_sum(&figures(REC_FIRST_BYTE)->latency),
		      60 * MS, "the body comes after it");

	c.op = REC_LIST;
	cr_expect_eq(rest_call(rest, &c), 0);
	cr_expect_eq(figures(REC_LIST)->count, 1);
	cr_expect_eq(figures(REC_FIRST_BYTE)->count, 2, "of reads only");
}

/* ---- What is said -------------------------------------------------------- */

Test(rest, a_failure_is_said_with_all_that_helps_and_no_secret)
{
	static const struct {
		struct fault_answer fault;
		const char *has[6];
	} cases[] = {
		{ { .status = 403,
		    .headers = "x-id: 4711\r\n",
		    .body = "AccessDenied You \x1b[31mmay\nnot" },
		  { "test://bucket: obj: http://127.0.0.1:",
		    "answered 403 AccessDenied, \" You  [31mmay not\"",
		    "request 4711", "Permission denied\n" } },
		{ { .status = 500 },
		  { "answered 500", "after 4 attempts", "Input/output" } },
		{ { .fault = FAULT_STALL, .ms = 60000 },
		  { "failed: no answer in 200 ms", "after 4 attempts",
		    "timed out" } },
		{ { .status = 403,
		    .body = BODY,
		    .fault = FAULT_RESET_BODY,
		    .at = 3 },
		  { "answered 403 012: Permission denied" } },
		{ { .body = BODY BODY },
		  { "failed: more than the 10 bytes asked for" } },
		{ { .body = "!!34567890" },
		  { "answered 200 Doubted: Input/output" } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct fault_rule rules[] = {
			{ .target = "/warm", .answer.body = NULL },
			{ .answer = cases[i].fault },
		};
		const struct rest_options options =
			options_for(cases[i].fault.fault);
		struct capture said;
		struct rest_call c;
		const char *text;
		char buf[10];

		serve_with(rules, 2, &options);
		warm_up();
		c = call_of("/a", buf, sizeof(buf));
		capture_start(&said);
		cr_expect_lt(rest_call(rest, &c), 0);
		text = capture_stop(&said);
		for (size_t k = 0; k < 6 && cases[i].has[k]; k++)
			cr_expect(strstr(text, cases[i].has[k]), "%s: %s",
				  cases[i].has[k], text);
		cr_expect_null(strstr(text, SECRET), "%s", text);
		cr_expect_null(strchr(text, '?'), "%s", text);
		end_service();
	}
}

Test(rest, what_anybody_might_expect_is_not_said)
{
	static const int statuses[] = { 404, 412 };

	for (size_t i = 0; i < ARRAY_SIZE(statuses); i++) {
		struct fault_rule rule = { .answer.status = statuses[i] };
		struct capture said;
		struct rest_call c;

		serve(&rule, 1);
		c = call_of("/a", NULL, 0);
		capture_start(&said);
		cr_expect_lt(rest_call(rest, &c), 0);
		cr_expect_str_eq(capture_stop(&said), "");
		end_service();
	}
}

Test(rest, the_same_failure_is_not_said_over_and_over)
{
	static const struct fault_rule rules[] = {
		{ .target = "/a", .answer.status = 403 },
		{ .answer.status = 418 },
	};
	struct capture said;
	struct rest_call c;
	const char *text;
	size_t lines = 0;

	serve(rules, 2);
	capture_start(&said);
	for (int i = 0; i < 10; i++) {
		c = call_of(i % 2 ? "/a" : "/b", NULL, 0);
		cr_expect_lt(rest_call(rest, &c), 0);
	}
	text = capture_stop(&said);
	for (const char *p = text; *p; p++)
		lines += *p == '\n';
	cr_expect_eq(lines, 2, "%s", text);
	cr_expect(strstr(text, "403") && strstr(text, "418"), "%s", text);
}
