/* The scripted server does what it is told, as libcurl sees it. */
#include "base/clock.h"
#include "lib/fault_client.h"

#include <criterion/criterion.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct fault_server *start(bool tls, const struct fault_rule *rules,
				  size_t n)
{
	struct fault_server_options o = { .tls = tls,
					  .rules = rules,
					  .n_rules = n };
	struct fault_server *s;

	cr_assert_eq(fault_server_new(&o, &s), 0);
	return s;
}

#define BODY .body = "0123456789"

struct want {
	CURLcode rc;
	long status;
	size_t len;
	double at_least; /* seconds */
};

static const struct {
	const char *what;
	struct fault_answer answer;
	struct want want;
} faults[] = {
	{ "none", { BODY }, { CURLE_OK, 200, 10, 0 } },
	{ "a status", { .status = 503, BODY }, { CURLE_OK, 503, 10, 0 } },
	{ "no length", { BODY, .no_length = true }, { CURLE_OK, 200, 10, 0 } },
	{ "close", { .fault = FAULT_CLOSE }, { CURLE_GOT_NOTHING, 0, 0, 0 } },
	{ "reset", { .fault = FAULT_RESET }, { CURLE_RECV_ERROR, 0, 0, 0 } },
	{ "reset after the headers",
	  { BODY, .fault = FAULT_RESET_BODY },
	  { CURLE_RECV_ERROR, 200, 0, 0 } },
	{ "reset in the body",
	  { BODY, .fault = FAULT_RESET_BODY, .at = 4 },
	  { CURLE_RECV_ERROR, 200, 4, 0 } },
	{ "short",
	  { BODY, .fault = FAULT_SHORT, .at = 4 },
	  { CURLE_PARTIAL_FILE, 200, 4, 0 } },
	{ "cut",
	  { BODY, .fault = FAULT_CUT, .at = 4 },
	  { CURLE_PARTIAL_FILE, 200, 4, 0 } },
	{ "a stall",
	  { BODY, .fault = FAULT_STALL, .ms = 300 },
	  { CURLE_OK, 200, 10, 0.3 } },
	{ "a stall in the body",
	  { BODY, .fault = FAULT_STALL_BODY, .ms = 300, .at = 4 },
	  { CURLE_OK, 200, 10, 0.3 } },
	{ "a stall without an end",
	  { BODY, .fault = FAULT_STALL_BODY, .ms = 60000, .at = 4 },
	  { CURLE_ABORTED_BY_CALLBACK, 200, 4, 0.3 } },
	{ "a drip",
	  { BODY, .fault = FAULT_DRIP, .ms = 50 },
	  { CURLE_OK, 200, 10, 0.5 } },
};

/* Whoever has four bytes gives up when no more have come for a while. */
static int give_up(void *last_ns, curl_off_t total, curl_off_t got,
		   curl_off_t total_up, curl_off_t sent)
{
	uint64_t *since = last_ns;

	(void)total;
	(void)total_up;
	(void)sent;
	if (got < 4)
		return 0;
	if (!*since)
		*since = clock_ns();
	return clock_ns() - *since > NS_PER_SEC * 3 / 10;
}

static void every_fault(bool tls)
{
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		struct fault_rule rule = { .answer = faults[i].answer };
		const struct want *want = &faults[i].want;
		struct fault_server *s = start(tls, &rule, 1);
		CURL *curl = fault_client(s);
		struct fault_seen seen;
		uint64_t since = 0;

		if (want->rc == CURLE_ABORTED_BY_CALLBACK) {
			curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
			curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &since);
			curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION,
					 give_up);
		}
		seen = fault_client_get(curl, s, "/x");
		cr_expect_eq(seen.rc, want->rc, "%s: %d", faults[i].what,
			     (int)seen.rc);
		cr_expect_eq(seen.status, want->status, "%s: status %ld",
			     faults[i].what, seen.status);
		cr_expect_eq(seen.len, want->len, "%s: %zu bytes",
			     faults[i].what, seen.len);
		cr_expect_eq(memcmp(seen.body, "0123456789", seen.len), 0);
		cr_expect_geq(seen.seconds, want->at_least, "%s",
			      faults[i].what);
		curl_easy_cleanup(curl);
		fault_server_free(s);
	}
}

Test(fault_server, every_fault_happens)
{
	every_fault(false);
}

Test(fault_server, every_fault_happens_with_tls)
{
	every_fault(true);
}

/* Whether TLS was closed properly after this answer: libcurl does not say. */
static bool says_goodbye(const struct fault_answer *answer)
{
	struct fault_rule rule = { .answer = *answer };
	struct fault_server *s = start(true, &rule, 1);
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	BIO *bio = BIO_new_ssl_connect(ctx);
	char buf[1000];
	SSL *ssl;
	bool goodbye;

	BIO_get_ssl(bio, &ssl);
	BIO_set_conn_hostname(bio, fault_server_url(s) + strlen("https://"));
	cr_assert_gt(BIO_puts(bio, "GET / HTTP/1.1\r\n\r\n"), 0);
	while (BIO_read(bio, buf, sizeof(buf)) > 0)
		;
	goodbye = SSL_get_shutdown(ssl) & SSL_RECEIVED_SHUTDOWN;
	BIO_free_all(bio);
	SSL_CTX_free(ctx);
	fault_server_free(s);
	return goodbye;
}

Test(fault_server, closes_tls_with_or_without_goodbye)
{
	struct fault_answer a = { BODY, .no_length = true };

	cr_expect(says_goodbye(&a));
	a.fault = FAULT_SHORT;
	cr_expect(says_goodbye(&a));
	a.fault = FAULT_CUT;
	cr_expect(!says_goodbye(&a));
}

Test(fault_server, keeps_connections_and_remembers_requests)
{
	static const struct fault_rule rules[] = { { .answer = { BODY } } };
	struct fault_server *s = start(true, rules, ARRAY_SIZE(rules));
	CURL *curl = fault_client(s);
	const struct fault_request *q;

	fault_client_get(curl, s, "/a?b=c");
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, "what is sent");
	fault_client_get(curl, s, "/d");
	cr_assert_eq(fault_server_seen(s), 2);
	cr_expect_eq(fault_server_connections(s), 1);
	cr_expect_eq(fault_server_count(s, "GET", "b="), 1);
	cr_expect_eq(fault_server_count(s, NULL, NULL), 2);
	cr_expect_str_eq(fault_server_request(s, 0)->target, "/a?b=c");
	q = fault_server_request(s, 1);
	cr_expect_str_eq(q->method, "POST");
	cr_expect_str_eq(q->body, "what is sent");
	cr_expect_eq(q->len, 12);
	cr_expect_str_eq(fault_request_header(q, "content-length"), "12");
	cr_expect_null(fault_server_request(s, 2));
	curl_easy_cleanup(curl);
	fault_server_free(s);
}

Test(fault_server, follows_its_script)
{
	static const struct fault_rule rules[] = {
		{ .target = "/a", .times = 2, .answer = { .status = 500 } },
		{ .target = "/a",
		  .first = 4,
		  .times = 1,
		  .answer = { .status = 403 } },
		{ .target = "/a", .answer = { BODY } },
		{ .method = "PUT", .answer = { .status = 204 } },
	};
	static const long want[] = { 500, 500, 200, 403, 200 };
	struct fault_server *s = start(false, rules, ARRAY_SIZE(rules));
	CURL *curl = fault_client(s);

	for (size_t i = 0; i < ARRAY_SIZE(want); i++)
		cr_expect_eq(fault_client_get(curl, s, "/a").status, want[i],
			     "the %zuth", i);
	cr_expect_eq(fault_client_get(curl, s, "/b").status, 501,
		     "no rule fits");
	fault_server_rules(s, rules, 1);
	cr_expect_eq(fault_client_get(curl, s, "/a").status, 500,
		     "from the start");
	curl_easy_cleanup(curl);
	fault_server_free(s);
}

static void object(void *arg, const struct fault_request *q,
		   struct fault_answer *a)
{
	fault_answer_object(a, q, arg, 10, "\"one\"");
}

Test(fault_server, plays_an_object)
{
	char bytes[] = "0123456789";
	struct fault_server_options o = { .handler = object, .arg = bytes };
	struct curl_slist *other = NULL;
	struct fault_server *s;
	struct fault_seen seen;
	CURL *curl;

	cr_assert_eq(fault_server_new(&o, &s), 0);
	curl = fault_client(s);
	seen = fault_client_get(curl, s, "/x");
	cr_expect(seen.status == 200 && seen.len == 10);
	curl_easy_setopt(curl, CURLOPT_RANGE, "3-100");
	seen = fault_client_get(curl, s, "/x");
	cr_expect(seen.status == 206 && seen.len == 7);
	cr_expect_str_eq(seen.body, "3456789");
	curl_easy_setopt(curl, CURLOPT_RANGE, "10-11");
	cr_expect_eq(fault_client_get(curl, s, "/x").status, 416);
	other = curl_slist_append(other, "If-Match: \"two\"");
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, other);
	cr_expect_eq(fault_client_get(curl, s, "/x").status, 412);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, NULL);
	curl_easy_setopt(curl, CURLOPT_RANGE, NULL);
	curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
	seen = fault_client_get(curl, s, "/x");
	cr_expect(seen.rc == CURLE_OK && seen.status == 200 && seen.len == 0);
	curl_slist_free_all(other);
	curl_easy_cleanup(curl);
	fault_server_free(s);
}

/* Whether somebody else gets the server's port. */
static bool port_is_free(const struct fault_server *s)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool bound;

	a.sin_port =
		htons((uint16_t)atoi(strrchr(fault_server_url(s), ':') + 1));
	bound = bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0;
	close(fd);
	return bound;
}

Test(fault_server, keeps_its_port_while_it_is_dead)
{
	struct fault_server *s = start(false, NULL, 0);

	cr_expect_not(port_is_free(s));
	fault_server_die(s);
	cr_expect_not(port_is_free(s));
	fault_server_recover(s);
	cr_expect_not(port_is_free(s));
	fault_server_free(s);
}

Test(fault_server, dies_hangs_and_recovers)
{
	static const struct fault_rule rules[] = { { .answer = { BODY } } };
	struct fault_server *s = start(false, rules, ARRAY_SIZE(rules));
	CURL *curl = fault_client(s);

	cr_expect_eq(fault_client_get(curl, s, "/").status, 200);
	fault_server_hang(s);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, 300L);
	cr_expect_eq(fault_client_get(curl, s, "/").rc,
		     CURLE_OPERATION_TIMEDOUT);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, 60000L);
	fault_server_recover(s);
	cr_expect_eq(fault_client_get(curl, s, "/").status, 200);
	fault_server_die(s);
	cr_expect_eq(fault_client_get(curl, s, "/").rc, CURLE_COULDNT_CONNECT);
	fault_server_recover(s);
	cr_expect_eq(fault_client_get(curl, s, "/").status, 200);
	fault_server_hang(s);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, 300L);
	fault_client_get(curl, s, "/");
	fault_server_free(s);
	curl_easy_cleanup(curl);
}
