#include "backends/ask.h"

#include "base/log.h"
#include "lib/capture.h"
#include "lib/fault_server.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

static struct http *client(void)
{
	struct http *h;

	cr_assert_eq(
		http_new(&(struct http_options){ .connect_ms = 60000 }, &h), 0);
	return h;
}

static struct fault_server *server(const struct fault_rule *rules, size_t n)
{
	struct fault_server *s;

	cr_assert_eq(
		fault_server_new(&(struct fault_server_options){ .rules = rules,
								 .n_rules = n },
				 &s),
		0);
	return s;
}

static bool on_teapot(int status, const char *text)
{
	return status == 418 && strstr(text, "later");
}

Test(ask, what_may_pass_is_asked_again)
{
	static const struct {
		struct fault_answer first;
		unsigned asked;
		int rc, status;
	} cases[] = {
		{ { .status = 200, .body = "yes" }, 1, 0, 200 },
		{ { .status = 500, .body = "no" }, 2, 0, 200 },
		{ { .status = 503, .body = "no" }, 2, 0, 200 },
		{ { .status = 429, .body = "no" }, 2, 0, 200 },
		{ { .fault = FAULT_RESET }, 2, 0, 200 },
		{ { .fault = FAULT_STALL, .ms = 60000 }, 2, 0, 200 },
		{ { .status = 418, .body = "later" }, 2, 0, 200 },
		{ { .status = 418, .body = "never" }, 1, 0, 418 },
		{ { .status = 404, .body = "no" }, 1, 0, 404 },
		{ { .status = 301, .body = "no" }, 1, 0, 301 },
	};
	struct http *h = client();

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct fault_rule rules[] = {
			{ .times = 1, .answer = cases[i].first },
			{ .answer = { .body = "yes" } },
		};
		/* Who has no processor may be taken for silent, too. */
		bool silent = cases[i].first.fault == FAULT_STALL;
		struct fault_server *s = server(rules, 2);
		struct ask_question q = { .url = fault_server_url(s),
					  .timeout_ms = silent ? 500 : 60000,
					  .tries = silent ? 12 : 0,
					  .again = on_teapot };
		struct ask_answer a;
		unsigned asked;

		cr_expect_eq(ask_server(h, NULL, &q, &a), cases[i].rc,
			     "case %zu", i);
		cr_expect_eq(a.status, cases[i].status, "case %zu: %d", i,
			     a.status);
		if (a.status == 200)
			cr_expect_str_eq(a.text, "yes");
		asked = fault_server_seen(s);
		cr_expect(asked == cases[i].asked ||
				  (silent && asked > cases[i].asked),
			  "case %zu: %u", i, asked);
		ask_clear(&a);
		fault_server_free(s);
	}
	http_free(h);
}

Test(ask, gives_up_after_some_tries)
{
	static const struct fault_rule rules[] = {
		{ .answer = { .status = 500 } }
	};
	struct fault_server *s = server(rules, 1);
	struct http *h = client();
	struct ask_question q = { .url = fault_server_url(s),
				  .timeout_ms = 60000 };
	struct ask_answer a;

	cr_expect_eq(ask_server(h, NULL, &q, &a), 0);
	cr_expect_eq(a.status, 500);
	cr_expect_eq(fault_server_seen(s), 3);
	ask_clear(&a);
	q.tries = 1;
	cr_expect_eq(ask_server(h, NULL, &q, &a), 0);
	cr_expect_eq(fault_server_seen(s), 4);
	ask_clear(&a);
	fault_server_free(s);
	http_free(h);
}

Test(ask, an_answer_without_end_is_refused)
{
	static char big[ASK_ANSWER + 1];
	struct fault_rule rules[] = {
		{ .answer = { .body = big, .len = ASK_ANSWER } },
		{ .answer = { .body = big, .len = sizeof(big) } }
	};
	struct fault_server *s = server(rules, 1);
	struct http *h = client();
	struct ask_question q = { .url = fault_server_url(s),
				  .timeout_ms = 60000 };
	struct ask_answer a;

	cr_expect_eq(ask_server(h, NULL, &q, &a), 0);
	cr_expect_eq(a.len, ASK_ANSWER);
	ask_clear(&a);
	fault_server_rules(s, rules + 1, 1);
	cr_expect_eq(ask_server(h, NULL, &q, &a), -EMSGSIZE);
	ask_clear(&a);
	fault_server_free(s);
	http_free(h);
}

Test(ask, waiting_ends_when_all_shall_stop)
{
	static const struct fault_rule rules[] = {
		{ .answer = { .fault = FAULT_STALL, .ms = 20000 } }
	};
	struct fault_server *s = server(rules, 1);
	struct http *h = client();
	_Atomic bool stop = true;
	struct ask_answer a;

	cr_expect_eq(
		ask_server(h, &stop,
			   &(struct ask_question){ .url = fault_server_url(s) },
			   &a),
		-ECANCELED);
	ask_clear(&a);
	fault_server_free(s);
	http_free(h);
}

/* The environment is that of this test's process alone. */
Test(ask, a_server_of_this_machine_is_asked_directly)
{
	static const struct fault_rule rules[] = { { .answer = {
							     .body = "x" } } };
	struct fault_server *proxy = server(rules, 1), *s = server(rules, 1);
	struct http *h = client();
	struct ask_answer a;

	unsetenv("no_proxy");
	unsetenv("NO_PROXY");
	setenv("http_proxy", fault_server_url(proxy), 1);
	for (int direct = 0; direct < 2; direct++) {
		struct ask_question q = { .url = fault_server_url(s),
					  .timeout_ms = 60000,
					  .direct = direct };

		cr_expect_eq(ask_server(h, NULL, &q, &a), 0);
		ask_clear(&a);
		cr_expect_eq(fault_server_seen(proxy), 1);
		cr_expect_eq(fault_server_seen(s), direct);
	}
	fault_server_free(proxy);
	fault_server_free(s);
	http_free(h);
}

Test(ask, a_failure_is_said_without_what_the_server_said)
{
	static const struct {
		int rc, status, want;
		const char *said;
	} cases[] = {
		{ -ECONNREFUSED, 0, -ECONNREFUSED, "refused" },
		{ 0, 403, -EACCES, "status 403" },
		{ 0, 200, -EBADMSG, "what it answers" },
	};
	const struct ask_question q = { .who = "STS",
					.url = "http://u:SECRET@h:1/?SECRET" };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char body[] = "SECRET";
		struct ask_answer a = { cases[i].status, body, 6 };
		struct capture c;
		const char *said;

		capture_start(&c);
		cr_expect_eq(ask_fail(&q, cases[i].rc, &a), cases[i].want);
		said = capture_stop(&c);
		cr_expect(strstr(said, "STS at http://h:1"), "%s", said);
		cr_expect(strstr(said, cases[i].said), "%s", said);
		cr_expect_null(strstr(said, "SECRET"), "%s", said);
	}
}

Test(ask, who_stops_is_not_told_that_it_stopped)
{
	const struct ask_question q = { .who = "STS", .url = "http://h" };
	struct ask_answer a = { 0 };
	struct capture c;

	capture_start(&c);
	cr_expect_eq(ask_fail(&q, -ECANCELED, &a), -ECANCELED);
	cr_expect_str_empty(capture_stop(&c));
}

Test(ask, a_place_is_scheme_and_host)
{
	static const struct {
		const char *url, *want;
	} cases[] = {
		{ "http://127.0.0.1:8080/a/b?c", "http://127.0.0.1:8080" },
		{ "https://user:pass@host/a@b", "https://host" },
		{ "https://a@b@host?x@y", "https://host" },
		{ "http://[::1]:80", "http://[::1]:80" },
		{ "host/x", "host" },
		{ "", "" },
	};
	char out[ASK_PLACE_SIZE];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		cr_expect_str_eq(ask_place(cases[i].url, out), cases[i].want);
}
