#include "lib/faulty.h"

#include "base/clock.h"
#include "lib/capture.h"

#include <errno.h>
#include <string.h>

/* ---- Connections that break --------------------------------------------- */

/* cut: without TLS's own goodbye, as by somebody in between. */
void remote_faults_tls_that_breaks_once_is_right_in_the_end(
	const struct remote_words *w)
{
	static const struct faulty_row rows[] = {
		{ "cut", 0, 2, 0 },	   { "short", 0, 2, 0 },
		{ "reset-body", 0, 2, 0 }, { "reset-headers", 0, 2, 0 },
		{ "close", 0, 2, 0 },
	};
	static const struct faulty_row lost[] = { { "lose", 0, 2, 0 },
						  { "cut", 0, 0, 0 } };
	static const struct faulty_trial trials[] = {
		{ FAULTY_ROWS(rows), .plan = { .method = "GET", .times = 1 },
		  .before = faulty_put_one, .act = faulty_read_one },
		{ FAULTY_ROWS(lost), .plan = { .method = "PUT", .times = 1 },
		  .act = faulty_write_one },
	};
	struct faulty f;

	faulty_set_up(&f, w, FAULTY_TLS);
	for (size_t i = 0; i < ARRAY_SIZE(trials); i++)
		faulty_try_in(&f, &trials[i]);
	faulty_tear_down(&f);
}

void remote_faults_tls_that_stays_broken_has_an_errno(
	const struct remote_words *w)
{
	static const struct faulty_row rows[] = {
		{ "cut", -ECONNRESET, FAULTY_ATTEMPTS, 0 },
		{ "short", -ECONNRESET, FAULTY_ATTEMPTS, 0 },
		{ "reset-body", -ECONNRESET, FAULTY_ATTEMPTS, 0 },
	};
	const struct faulty_trial t = {
		FAULTY_ROWS(rows),	.plan = { .method = "GET" },
		.how = FAULTY_TLS,	.before = faulty_put_one,
		.act = faulty_read_one, .after = faulty_expect_one,
	};

	faulty_try(w, &t);
}

/* ---- Whom nobody trusts ------------------------------------------------- */

/* It is told what to do, and the server gets no request: a key's signature, or
 * a token, would be in it. */
static void expect_distrust(struct faulty *f, const struct remote_options *o)
{
	uint64_t begin = clock_ns();
	struct fault_server *s = fault_proxy_server(f->proxy);
	unsigned seen = fault_server_seen(s);
	struct backend *b = NULL;
	struct capture c;
	int rc;

	capture_start(&c);
	rc = servers_try(f->state, o, &b);
	capture_stop(&c);
	cr_expect_eq(rc, -EKEYREJECTED, "%d", rc);
	cr_expect(strstr(c.text, "certificate is not trusted, or another "
				 "host's"),
		  "%s", c.text);
	cr_expect(strstr(c.text, fault_server_url(s)), "%s", c.text);
	cr_expect_eq(fault_server_seen(s), seen, "it was asked something");
	cr_expect_lt(clock_ns() - begin, 20 * NS_PER_SEC);
	backend_close(b);
}

/* The real server's certificate is as good as any, and not the proxy's. */
void remote_faults_a_certificate_that_nobody_vouches_for_is_refused(
	const struct remote_words *w)
{
	struct remote_options o;
	struct faulty f;

	faulty_set_up(&f, w, FAULTY_TLS);
	o = faulty_options(&f);
	o.ca_file = f.server->ca;
	expect_distrust(&f, &o);
	o.ca_file = NULL;
	expect_distrust(&f, &o);
	faulty_tear_down(&f);
}

void remote_faults_a_certificate_of_another_host_is_refused(
	const struct remote_words *w)
{
	struct fault_proxy_options po = { .tls = true,
					  .misnamed = true,
					  .forget = true };
	struct remote_options o;
	struct faulty f;

	faulty_set_up(&f, w, FAULTY_PLAIN);
	po.to = f.server->url;
	fault_proxy_free(f.proxy);
	cr_assert_eq(fault_proxy_new(&po, &f.proxy), 0);
	snprintf(f.endpoint, sizeof(f.endpoint), "%s%s",
		 fault_server_url(fault_proxy_server(f.proxy)), w->account);
	o = faulty_options(&f);
	expect_distrust(&f, &o);
	faulty_tear_down(&f);
}
