/* When a bearer token is fetched anew, and what happens if that fails. */
#include "backends/azure_credentials.h"

#include "backends/http.h"
#include "base/clock.h"
#include "lib/await.h"
#include "lib/azure_signed.h"
#include "lib/capture.h"
#include "lib/fault_server.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <string.h>

#define BEGIN 1795385374
#define GOOD_FOR 3600

static _Atomic int64_t now;
static _Atomic bool stopped;
static struct fault_server *server;
static struct http *http;
static struct azure_credentials *credentials;

static int64_t read_now(void)
{
	return now;
}

/* "token0" for the first request, "token1" for the second. */
static void give_tokens(void *arg, const struct fault_request *q,
			struct fault_answer *a)
{
	(void)arg;
	fault_answer_print(a,
			   "{\"access_token\":\"token%u\",\"expires_in\":%d}",
			   q->number, GOOD_FOR);
}

static void start(void)
{
	static char endpoint[128];
	static const char *const environment[] = { endpoint,
						   "IDENTITY_HEADER=h", NULL };
	const struct http_options options = { 0 };
	struct azure_credentials_options o = {
		.account = "acct",
		.environment = (char *const *)(uintptr_t)environment,
		.dotenv = "/nonexistent/.env",
		.answer_ms = 60000,
		.now = read_now,
		.stop = &stopped,
	};

	now = BEGIN;
	cr_assert_eq(fault_server_new(
			     &(struct fault_server_options){
				     .handler = give_tokens },
			     &server),
		     0);
	snprintf(endpoint, sizeof(endpoint), "IDENTITY_ENDPOINT=%s",
		 fault_server_url(server));
	cr_assert_eq(http_new(&options, &http), 0);
	o.http = http;
	cr_assert_eq(azure_credentials_new(&o, &credentials), 0);
}

static void stop(void)
{
	azure_credentials_free(credentials);
	http_free(http);
	fault_server_free(server);
}

static void expect_token(const char *want, unsigned seen)
{
	char got[AZURE_SIGNED_SIZE], bearer[64];

	snprintf(bearer, sizeof(bearer), "Bearer %s", want);
	cr_expect_eq(azure_signed_get(credentials, got), 0);
	cr_expect_str_eq(got, bearer, "at %+d s", (int)(now - BEGIN));
	cr_expect_eq(fault_server_seen(server), seen, "%u requests at %+d s",
		     fault_server_seen(server), (int)(now - BEGIN));
}

static void expect_error(int error, unsigned seen)
{
	char got[AZURE_SIGNED_SIZE];

	cr_expect_eq(azure_signed_get(credentials, got), error);
	cr_expect_str_empty(got);
	cr_expect_eq(fault_server_seen(server), seen, "%u requests at %+d s",
		     fault_server_seen(server), (int)(now - BEGIN));
}

static void break_server(void)
{
	static const struct fault_rule broken = { .answer = { .status = 500 } };

	fault_server_rules(server, &broken, 1);
}

static void mend_server(void)
{
	fault_server_rules(server, NULL, 0);
}

Test(azure_refresh, comes_five_minutes_before_a_token_expires)
{
	start();
	expect_token("token0", 1);
	now = BEGIN + GOOD_FOR - 301;
	expect_token("token0", 1);
	now = BEGIN + GOOD_FOR - 300;
	expect_token("token1", 2);
	now = BEGIN + GOOD_FOR;
	expect_token("token1", 2);
	stop();
}

Test(azure_refresh, that_fails_leaves_a_good_token_in_use)
{
	struct capture said;

	start();
	break_server();
	capture_start(&said);
	now = BEGIN + GOOD_FOR - 200;
	expect_token("token0", 1 + 3);
	expect_token("token0", 1 + 3);
	now += 59;
	expect_token("token0", 1 + 3);
	now += 1;
	expect_token("token0", 1 + 6);
	now = BEGIN + GOOD_FOR - 80;
	mend_server();
	expect_token("token7", 1 + 7);
	capture_stop(&said);
	cr_expect_not_null(strstr(said.text, "managed identity at http://"),
			   "%s", said.text);
	cr_expect_not_null(strstr(said.text, "warning: going on with the old "
					     "Azure token, good for another "
					     "200 s"),
			   "%s", said.text);
	stop();
}

Test(azure_refresh, that_fails_for_too_long_is_an_error_until_it_works)
{
	struct capture said;

	start();
	break_server();
	capture_start(&said);
	now = BEGIN + GOOD_FOR;
	expect_error(-EACCES, 1 + 3);
	now += 9;
	expect_error(-EACCES, 1 + 3);
	mend_server();
	now += 1;
	expect_token("token4", 1 + 4);
	capture_stop(&said);
	cr_expect_null(strstr(said.text, "warning"), "%s", said.text);
	stop();
}

/* What the calls say that were under way with the old token is not said of the
 * new one. */
Test(azure_refresh, comes_once_after_a_token_was_refused)
{
	start();
	azure_credentials_expire(credentials);
	azure_credentials_expire(credentials);
	expect_token("token1", 2);
	azure_credentials_expire(credentials);
	expect_token("token1", 2);
	now += 10;
	azure_credentials_expire(credentials);
	expect_token("token2", 3);
	stop();
}

Test(azure_refresh, of_a_refused_token_that_fails_is_an_error)
{
	struct capture said;

	start();
	break_server();
	capture_start(&said);
	azure_credentials_expire(credentials);
	expect_error(-EACCES, 1 + 3);
	expect_error(-EACCES, 1 + 3);
	mend_server();
	now += 10;
	expect_token("token4", 1 + 4);
	capture_stop(&said);
	stop();
}

Test(azure_refresh, of_a_token_that_has_expired_already_is_an_error)
{
	static const struct fault_rule late = {
		.answer = { .body = "{\"access_token\":\"t\","
				    "\"expires_in\":0}" }
	};
	struct capture said;

	start();
	fault_server_rules(server, &late, 1);
	capture_start(&said);
	now = BEGIN + GOOD_FOR;
	expect_error(-EACCES, 2);
	capture_stop(&said);
	cr_expect_not_null(strstr(said.text, "Key has expired"), "%s",
			   said.text);
	stop();
}

/* ---- Several threads ---------------------------------------------------- */

static void *sign_new(void *done)
{
	expect_token("token1", 2);
	*(_Atomic bool *)done = true;
	return NULL;
}

Test(azure_refresh, does_not_keep_others_from_using_the_old_token)
{
	_Atomic bool done = false;
	pthread_t thread;

	start();
	fault_server_hang(server);
	now = BEGIN + GOOD_FOR - 100;
	pthread_create(&thread, NULL, sign_new, &done);
	cr_expect(AWAIT(fault_server_seen(server) == 2));
	expect_token("token0", 2);
	cr_expect_not(done);
	fault_server_recover(server);
	pthread_join(thread, NULL);
	expect_token("token1", 2);
	stop();
}

static void *sign_in_vain(void *arg)
{
	char got[AZURE_SIGNED_SIZE];

	(void)arg;
	cr_expect_eq(azure_signed_get(credentials, got), -ECANCELED);
	return NULL;
}

Test(azure_refresh, ends_for_all_who_wait_when_it_shall)
{
	pthread_t threads[4];
	struct capture said;
	uint64_t begin;

	start();
	fault_server_hang(server);
	now = BEGIN + GOOD_FOR;
	capture_start(&said);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		pthread_create(&threads[i], NULL, sign_in_vain, NULL);
	cr_expect(AWAIT(fault_server_seen(server) == 2));
	begin = clock_ns();
	stopped = true;
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		pthread_join(threads[i], NULL);
	capture_stop(&said);
	cr_expect_lt(clock_ns() - begin, 20 * NS_PER_SEC);
	stop();
}

Test(azure_refresh, that_is_given_up_because_all_shall_stop_is_not_said)
{
	char got[AZURE_SIGNED_SIZE];
	struct capture said;

	start();
	fault_server_hang(server);
	now = BEGIN + GOOD_FOR - 100;
	stopped = true;
	capture_start(&said);
	cr_expect_eq(azure_signed_get(credentials, got), 0);
	cr_expect_str_empty(capture_stop(&said));
	cr_expect_str_eq(got, "Bearer token0");
	stop();
}
