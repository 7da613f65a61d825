/* Keys that are refused while others are at work. */
#include "backends/s3_client.h"

#include "lib/aws_play.h"
#include "lib/capture.h"

#include "backends/remote.h"
#include "base/clock.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#define MS UINT64_C(1000000)

static struct aws_play *play;
static struct fault_server *server;
static struct s3_client *client;
static _Atomic bool stop, quick_is_through;

/* The first keys are refused: "slow" only after "quick" got through with the
 * second, HEAD as S3 does it, and "minio" as MinIO does. */
static void answer(void *arg, const struct fault_request *q,
		   struct fault_answer *a)
{
	const char *by = fault_request_header(q, "Authorization");
	bool refused = by && strstr(by, "AKID-container-1/");

	(void)arg;
	if (refused && strstr(q->target, "slow"))
		while (!quick_is_through)
			clock_sleep_until(clock_ns() + MS);
	if (refused && !strcmp(q->method, "HEAD")) {
		a->status = 400;
	} else if (refused) {
		a->status = 403;
		a->body = strstr(q->target, "minio") ?
				  "<Error><Code>InvalidAccessKeyId</Code>"
				  "</Error>" :
				  "<Error><Code>ExpiredToken</Code></Error>";
	}
}

static void set_up(void)
{
	const struct fault_server_options o = { .handler = answer };
	struct remote_options remote = { .region = "us-east-1", .stop = &stop };

	play = aws_play_new();
	play->life = INT64_C(100) * 365 * 86400; /* of the real clock */
	aws_play_use_container(play);
	cr_assert_eq(fault_server_new(&o, &server), 0);
	remote.endpoint = fault_server_url(server);
	remote.environment = play->environment;
	cr_assert_eq(s3_client_new("bucket", &remote, &client), 0);
}

static void tear_down(void)
{
	s3_client_free(client);
	fault_server_free(server);
	aws_play_free(play);
}

TestSuite(s3_client, .init = set_up, .fini = tear_down, .timeout = 100);

static int ask(enum http_method method, const char *path)
{
	struct rest_call call = { .op = REC_READ,
				  .method = method,
				  .path = path };

	return s3_client_call(client, &call);
}

static int get(const char *path)
{
	return ask(HTTP_GET, path);
}

static void *get_slow(void *rc)
{
	*(int *)rc = get("/bucket/slow");
	return NULL;
}

Test(s3_client, a_refusal_means_the_key_that_the_call_was_signed_with)
{
	pthread_t thread;
	int rc = 1;

	pthread_create(&thread, NULL, get_slow, &rc);
	while (fault_server_seen(server) < 1)
		clock_sleep_until(clock_ns() + MS);
	cr_expect_eq(get("/bucket/quick"), 0);
	quick_is_through = true;
	pthread_join(thread, NULL);
	cr_expect_eq(rc, 0);
	cr_expect_eq(play->given, 2, "%u keys", play->given);
}

Test(s3_client, a_key_that_is_not_known_any_more_is_replaced)
{
	cr_expect_eq(get("/bucket/minio"), 0);
	cr_expect_eq(play->given, 2, "%u keys", play->given);
}

Test(s3_client, a_refusal_without_a_word_may_mean_the_key)
{
	cr_expect_eq(ask(HTTP_HEAD, "/bucket/key"), 0);
	cr_expect_eq(fault_server_seen(server), 2);
	cr_expect_eq(play->given, 2, "%u keys", play->given);
}

Test(s3_client, nothing_is_said_when_all_stops_while_keys_are_fetched)
{
	static const struct fault_rule hangs = {
		.answer = { .fault = FAULT_STALL, .ms = 60000 }
	};
	struct capture said;
	pthread_t thread;
	int rc = 1;

	quick_is_through = true;
	fault_server_rules(play->server, &hangs, 1);
	capture_start(&said);
	pthread_create(&thread, NULL, get_slow, &rc);
	while (fault_server_seen(play->server) < 2)
		clock_sleep_until(clock_ns() + MS);
	stop = true;
	pthread_join(thread, NULL);
	cr_expect_str_empty(capture_stop(&said));
	cr_expect_eq(rc, -ECANCELED);
}
