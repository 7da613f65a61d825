/* Azure's metadata service at its own address, and what else may be there: in a
 * network of our own, which needs root. */
#include "backends/azure_credentials.h"

#include "backends/http.h"
#include "base/clock.h"
#include "lib/azure_signed.h"
#include "lib/capture.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>

#define METADATA "169.254.169.254"

/* ---- The network -------------------------------------------------------- */

static void set_address(int fd, const char *name, const char *address)
{
	struct ifreq r = { 0 };
	struct sockaddr_in *in = (struct sockaddr_in *)&r.ifr_addr;

	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	in->sin_family = AF_INET;
	cr_assert_eq(inet_pton(AF_INET, address, &in->sin_addr), 1);
	cr_assert_eq(ioctl(fd, SIOCSIFADDR, &r), 0, "%m");
	r.ifr_flags = IFF_UP | IFF_RUNNING;
	cr_assert_eq(ioctl(fd, SIOCSIFFLAGS, &r), 0, "%m");
}

static void enter_empty_network(void)
{
	cr_assert_eq(unshare(CLONE_NEWNET), 0, "%m: this needs root");
}

/* With the service's address; a socket that listens there. */
static int enter_network(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
				  .sin_port = htons(80) };
	int fd;

	enter_empty_network();
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	set_address(fd, "lo", "127.0.0.1");
	set_address(fd, "lo:1", METADATA);
	cr_assert_eq(inet_pton(AF_INET, METADATA, &in.sin_addr), 1);
	cr_assert_eq(bind(fd, (struct sockaddr *)&in, sizeof(in)), 0, "%m");
	cr_assert_eq(listen(fd, 8), 0);
	return fd;
}

/* ---- Who listens there -------------------------------------------------- */

struct service {
	int fd;
	const char *without, *with; /* "Metadata: true": whole answers */
	unsigned asked;
};

#define BUSY_MS 60000 /* who shall answer may be slow */

#define ANSWER(status, body)                                                   \
	"HTTP/1.1 " status "\r\nConnection: close\r\n\r\n" body

static void read_request(int fd, char *buf, size_t size)
{
	size_t len = 0;
	ssize_t got;

	while (!strstr(buf, "\r\n\r\n") && len + 1 < size) {
		got = read(fd, buf + len, size - len - 1);
		if (got <= 0)
			return;
		len += (size_t)got;
		buf[len] = '\0';
	}
}

static void *serve(void *arg)
{
	struct service *s = arg;

	for (;;) {
		int fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC);
		char buf[4096] = "";
		const char *answer;
		ssize_t sent;

		if (fd < 0)
			return NULL;
		s->asked++;
		read_request(fd, buf, sizeof(buf));
		answer = strstr(buf, "\r\nMetadata: true\r\n") ? s->with :
								 s->without;
		sent = write(fd, answer, strlen(answer));
		cr_expect_eq(sent, (ssize_t)strlen(answer));
		close(fd);
	}
}

static int make(struct azure_credentials **out, struct http **http,
		uint32_t answer_ms)
{
	static const char *const environment[] = { "PATH=/nonexistent", NULL };
	const struct http_options options = { 0 };
	struct azure_credentials_options o = {
		.account = "acct",
		.environment = (char *const *)(uintptr_t)environment,
		.dotenv = "/nonexistent/.env",
		.answer_ms = answer_ms,
	};

	setenv("http_proxy", "http://127.0.0.1:9", 1);
	setenv("PATH", "/nonexistent", 1);
	cr_assert_eq(http_new(&options, http), 0);
	o.http = *http;
	return azure_credentials_new(&o, out);
}

static void expect_nowhere(uint32_t answer_ms)
{
	struct azure_credentials *c = NULL;
	struct capture said;
	struct http *http;

	capture_start(&said);
	cr_expect_eq(make(&c, &http, answer_ms), -ENOENT);
	capture_stop(&said);
	cr_expect_null(c);
	cr_expect_str_eq(said.text,
			 "dliofs: error: no credentials for Azure anywhere "
			 "(settings, environment, .env, service principal, "
			 "workload identity, managed identity, Azure CLI): "
			 "No such file or directory\n");
	http_free(http);
}

/* ---- Tests -------------------------------------------------------------- */

Test(azure_metadata, is_found_at_its_address)
{
	struct service s = {
		.fd = enter_network(),
		.without = ANSWER("400 Bad Request", ""),
		.with = ANSWER("200 OK", "{\"access_token\":\"metal\","
					 "\"expires_in\":\"86399\"}"),
	};
	char got[AZURE_SIGNED_SIZE];
	struct azure_credentials *c;
	struct http *http;
	pthread_t thread;

	cr_assert_eq(pthread_create(&thread, NULL, serve, &s), 0);
	cr_assert_eq(make(&c, &http, BUSY_MS), 0);
	cr_expect_str_eq(azure_credentials_source(c), "managed identity");
	cr_expect_eq(azure_signed_get(c, got), 0);
	cr_expect_str_eq(got, "Bearer metal");
	azure_credentials_free(c);
	http_free(http);
	shutdown(s.fd, SHUT_RDWR);
	pthread_join(thread, NULL);
	close(s.fd);
}

/* Of another cloud; or Azure's, on a machine that has no identity. */
Test(azure_metadata, that_has_no_token_is_passed_over)
{
	static const struct {
		const char *without, *with;
		unsigned asked;
	} cases[] = {
		{ ANSWER("404 Not Found", ""), ANSWER("500 Oh", ""), 1 },
		{ ANSWER("200 OK", "latest"), ANSWER("500 Oh", ""), 1 },
		{ ANSWER("401 Unauthorized", ""), ANSWER("500 Oh", ""), 1 },
		{ ANSWER("400 Bad Request", ""),
		  ANSWER("400 Bad Request", "{\"error\":\"invalid_request\"}"),
		  2 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct service s = { .fd = enter_network(),
				     .without = cases[i].without,
				     .with = cases[i].with };
		pthread_t thread;

		cr_assert_eq(pthread_create(&thread, NULL, serve, &s), 0);
		expect_nowhere(BUSY_MS);
		shutdown(s.fd, SHUT_RDWR);
		pthread_join(thread, NULL);
		cr_expect_eq(s.asked, cases[i].asked, "case %zu: %u", i,
			     s.asked);
		close(s.fd);
	}
}

Test(azure_metadata, that_does_not_answer_costs_about_a_second)
{
	uint64_t start = clock_ns();
	int fd = enter_network();

	expect_nowhere(0);
	cr_expect_lt(clock_ns() - start, 20 * NS_PER_SEC);
	close(fd);
}

Test(azure_metadata, that_nobody_can_reach_costs_nothing)
{
	uint64_t start = clock_ns();

	enter_empty_network();
	expect_nowhere(0);
	cr_expect_lt(clock_ns() - start, 20 * NS_PER_SEC);
}
