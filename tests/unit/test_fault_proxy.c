/* The proxy lets all pass but what it is told to break, as libcurl sees it. */
#include "lib/fault_client.h"
#include "lib/fault_proxy.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#define BYTES "0123456789"

static void object(void *arg, const struct fault_request *q,
		   struct fault_answer *a)
{
	if (!strcmp(q->method, "PUT") || !strcmp(q->method, "POST"))
		fault_answer_print(a, "%s: %.*s",
				   fault_request_header(q, "Host"), (int)q->len,
				   (const char *)q->body);
	else
		fault_answer_object(a, q, arg, strlen(BYTES), "\"one\"");
}

/* A server, a proxy in front of it, and a client of the proxy. */
struct setting {
	struct fault_server *behind, *front;
	struct fault_proxy *proxy;
	CURL *curl;
};

static void set_up(struct setting *s, bool tls)
{
	static char bytes[] = BYTES;
	struct fault_server_options server = { .handler = object,
					       .arg = bytes };
	struct fault_proxy_options proxy = { .tls = tls };

	cr_assert_eq(fault_server_new(&server, &s->behind), 0);
	proxy.to = fault_server_url(s->behind);
	cr_assert_eq(fault_proxy_new(&proxy, &s->proxy), 0);
	s->front = fault_proxy_server(s->proxy);
	s->curl = fault_client(s->front);
}

static void tear_down(struct setting *s)
{
	curl_easy_cleanup(s->curl);
	fault_proxy_free(s->proxy);
	fault_server_free(s->behind);
}

static struct fault_seen get(struct setting *s)
{
	return fault_client_get(s->curl, s->front, "/x?y");
}

Test(fault_proxy, lets_everything_pass)
{
	struct fault_seen seen;
	struct setting s;

	set_up(&s, true);
	seen = get(&s);
	cr_expect_eq(seen.status, 200);
	cr_expect_str_eq(seen.body, BYTES);
	cr_expect_str_eq(seen.etag, "\"one\"");
	curl_easy_setopt(s.curl, CURLOPT_NOBODY, 1L);
	seen = get(&s);
	cr_expect(seen.rc == CURLE_OK && seen.status == 200);
	curl_easy_setopt(s.curl, CURLOPT_NOBODY, 0L);
	curl_easy_setopt(s.curl, CURLOPT_RANGE, "2-3");
	seen = get(&s);
	cr_expect_eq(seen.status, 206);
	cr_expect_str_eq(seen.body, "23");
	curl_easy_setopt(s.curl, CURLOPT_RANGE, NULL);

	/* The Host header is the client's. */
	curl_easy_setopt(s.curl, CURLOPT_POSTFIELDS, "what is sent");
	seen = get(&s);
	cr_expect_str_eq(strstr(seen.body, ": "), ": what is sent");
	cr_expect_eq(strncmp(seen.body,
			     fault_server_url(s.front) + strlen("https://"),
			     strcspn(seen.body, " ") - 1),
		     0);
	cr_expect_eq(fault_server_connections(s.front), 1);
	cr_expect_eq(fault_server_connections(s.behind), 1);
	tear_down(&s);
}

static const struct {
	const char *kind;
	CURLcode rc;
	long status;
	size_t len;
	unsigned behind; /* requests that got through */
	double at_least; /* seconds */
} kinds[] = {
	{ "500", CURLE_OK, 500, 139, 0, 0 },
	{ "503", CURLE_OK, 503, 134, 0, 0 },
	{ "expired", CURLE_OK, 403, 138, 0, 0 },
	{ "document", CURLE_OK, 200, 139, 0, 0 },
	{ "close", CURLE_GOT_NOTHING, 0, 0, 0, 0 },
	{ "reset", CURLE_RECV_ERROR, 0, 0, 0, 0 },
	{ "lose", CURLE_RECV_ERROR, 0, 0, 1, 0 },
	{ "reset-headers", CURLE_RECV_ERROR, 200, 0, 1, 0 },
	{ "reset-body", CURLE_RECV_ERROR, 200, 5, 1, 0 },
	{ "short", CURLE_PARTIAL_FILE, 200, 5, 1, 0 },
	{ "cut", CURLE_PARTIAL_FILE, 200, 5, 1, 0 },
	{ "stall", CURLE_OK, 200, 10, 1, 0.1 },
	{ "stall-body", CURLE_OK, 200, 10, 1, 0.1 },
	{ "drip", CURLE_OK, 200, 10, 1, 1 },
	{ "truncate", CURLE_OK, 200, 5, 1, 0 },
	{ "etag", CURLE_OK, 200, 10, 1, 0 },
	{ "checksum", CURLE_OK, 200, 10, 1, 0 },
};

static void break_each(bool tls)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		const char *kind = kinds[i].kind;
		struct fault_plan plan = { .kinds = kind, .ms = 100 };
		struct fault_seen seen;
		struct setting s;

		set_up(&s, tls);
		cr_assert_eq(fault_proxy_plan(s.proxy, &plan), 0);
		seen = get(&s);
		cr_expect_eq(seen.rc, kinds[i].rc, "%s: %d", kind, seen.rc);
		cr_expect_eq(seen.status, kinds[i].status, "%s: %ld", kind,
			     seen.status);
		cr_expect_eq(seen.len, kinds[i].len, "%s: %zu", kind, seen.len);
		cr_expect_eq(fault_server_seen(s.behind), kinds[i].behind, "%s",
			     kind);
		cr_expect_geq(seen.seconds, kinds[i].at_least, "%s", kind);
		cr_expect_eq(!strcmp(kind, "503"),
			     !strcmp(seen.retry_after, "1"), "%s", kind);
		cr_expect_eq(!strcmp(kind, "checksum"), seen.md5[0] == 'A',
			     "%s", kind);
		cr_expect_eq(!strcmp(kind, "etag"),
			     !strncmp(seen.etag, "\"000", 4), "%s", kind);
		tear_down(&s);
	}
}

Test(fault_proxy, breaks_what_it_is_told)
{
	break_each(false);
}

Test(fault_proxy, breaks_what_it_is_told_with_tls)
{
	break_each(true);
}

Test(fault_proxy, corrupts_what_is_sent)
{
	struct fault_plan plan = { .kinds = "corrupt", .times = 1 };
	struct setting s;

	set_up(&s, false);
	cr_assert_eq(fault_proxy_plan(s.proxy, &plan), 0);
	curl_easy_setopt(s.curl, CURLOPT_POSTFIELDS, "aaaa");
	cr_expect_str_eq(strstr(get(&s).body, ": "), ": aa`a");
	cr_expect_str_eq(strstr(get(&s).body, ": "), ": aaaa");
	tear_down(&s);
}

Test(fault_proxy, breaks_the_requests_that_it_is_told)
{
	struct fault_plan nth = {
		.kinds = "500", .method = "GET", .first = 2, .times = 2
	};
	static const long want[] = { 200, 500, 500, 200 };
	struct fault_plan other = { .kinds = "500", .target = "elsewhere" };
	struct fault_plan unknown = { .kinds = "500,nothing" };
	struct fault_plan many = { .kinds = "500", .percent = 101 };
	struct setting s;

	set_up(&s, false);
	cr_assert_eq(fault_proxy_plan(s.proxy, &nth), 0);
	for (size_t i = 0; i < ARRAY_SIZE(want); i++)
		cr_expect_eq(get(&s).status, want[i], "the %zuth", i);
	cr_expect_eq(fault_proxy_broken(s.proxy), 2);
	cr_assert_eq(fault_proxy_plan(s.proxy, &other), 0);
	cr_expect_eq(get(&s).status, 200);
	cr_expect_eq(fault_proxy_plan(s.proxy, &unknown), -EINVAL);
	cr_expect_eq(fault_proxy_plan(s.proxy, &many), -EINVAL);
	cr_assert_eq(fault_proxy_plan(s.proxy, NULL), 0);
	cr_expect_eq(get(&s).status, 200);
	tear_down(&s);
}

static bool breaks(struct setting *s, const char *method)
{
	curl_easy_setopt(s->curl, CURLOPT_CUSTOMREQUEST, method);
	return get(s).status == 500;
}

/* Whichever of the methods comes first; 7 in 100 are runs of 14 and 15. */
Test(fault_proxy, of_each_method_breaks_the_percentage_in_any_order)
{
	static const struct {
		unsigned percent, n, broken;
	} cases[] = {
		{ 20, 100, 20 }, { 7, 100, 7 },	  { 60, 100, 60 },
		{ 5, 40, 2 },	 { 100, 10, 10 },
	};
	struct setting s;

	set_up(&s, false);
	for (size_t c = 0; c < ARRAY_SIZE(cases); c++) {
		struct fault_plan plan = { .kinds = "500",
					   .percent = cases[c].percent,
					   .seed = c };
		bool together[2][100] = { 0 };
		unsigned broken = 0;

		cr_assert_eq(fault_proxy_plan(s.proxy, &plan), 0);
		for (unsigned i = 0; i < cases[c].n; i++)
			together[0][i] = breaks(&s, "GET");
		for (unsigned i = 0; i < cases[c].n; i++)
			broken += breaks(&s, "DELETE");
		cr_expect_eq(broken, cases[c].broken, "%zu: %u", c, broken);
		cr_expect_eq(fault_proxy_broken(s.proxy), 2 * cases[c].broken);

		cr_assert_eq(fault_proxy_plan(s.proxy, &plan), 0);
		for (unsigned i = 0; i < cases[c].n; i++) {
			breaks(&s, "DELETE");
			together[1][i] = breaks(&s, "GET");
		}
		cr_expect_eq(memcmp(together[0], together[1],
				    sizeof(together[0])),
			     0, "%zu", c);
	}
	tear_down(&s);
}

Test(fault_proxy, a_run_of_requests_has_one_that_breaks_and_seeds_differ)
{
	struct fault_plan plan = { .kinds = "500", .percent = 10 };
	unsigned places[10] = { 0 }, used = 0;
	struct setting s;

	set_up(&s, false);
	for (plan.seed = 0; plan.seed < 3; plan.seed++) {
		cr_assert_eq(fault_proxy_plan(s.proxy, &plan), 0);
		for (unsigned run = 0; run < 10; run++) {
			unsigned broken = 0;

			for (unsigned i = 0; i < ARRAY_SIZE(places); i++) {
				bool now = breaks(&s, "GET");

				broken += now;
				places[i] += now;
			}
			cr_expect_eq(broken, 1, "%u", run);
		}
	}
	for (unsigned i = 0; i < ARRAY_SIZE(places); i++)
		used += places[i] > 0;
	cr_expect_gt(used, 5, "%u places", used); /* the seeds are fixed */
	tear_down(&s);
}

Test(fault_proxy, kinds_take_turns)
{
	struct fault_plan plan = { .kinds = "500,503,expired", .first = 2 };
	static const long want[] = { 200, 500, 503, 403, 500 };
	struct setting s;

	set_up(&s, false);
	cr_assert_eq(fault_proxy_plan(s.proxy, &plan), 0);
	for (size_t i = 0; i < ARRAY_SIZE(want); i++)
		cr_expect_eq(get(&s).status, want[i], "the %zuth", i);
	tear_down(&s);
}
