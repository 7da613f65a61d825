#include "backends/aws_credentials.h"

#include "lib/aws_play.h"
#include "lib/capture.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdatomic.h>
#include <string.h>

static struct aws_credentials *open_with(struct aws_play *p,
					 struct aws_credentials_options o)
{
	struct aws_credentials *c = NULL;

	cr_assert_eq(aws_play_open(p, o, &c), 0);
	return c;
}

static struct aws_credentials *open_container(struct aws_play *p)
{
	aws_play_use_container(p);
	return open_with(p, (struct aws_credentials_options){ 0 });
}

static void break_server(struct aws_play *p)
{
	static const struct fault_rule rule = { .answer = { .status = 404 } };

	fault_server_rules(p->server, &rule, 1);
}

static void mend_server(struct aws_play *p)
{
	fault_server_rules(p->server, NULL, 0);
}

/* ---- One key ------------------------------------------------------------ */

Test(aws_credentials, a_key_has_all_its_parts)
{
	struct aws_play *p = aws_play_new();
	struct aws_credentials *c = open_container(p);
	struct aws_key *k;

	cr_assert_eq(aws_credentials_get(c, &k), 0);
	cr_expect_str_eq(k->key.id, "AKID-container-1");
	cr_expect_str_eq(k->key.secret, "S3CR3T-container-1");
	cr_expect_str_eq(k->key.token, "S3CR3T-TOKEN-container-1");
	cr_expect_eq(k->expires, AWS_PLAY_NOW + 3600);
	aws_key_free(k);
	aws_credentials_free(c);
	aws_play_free(p);
}

Test(aws_credentials, a_token_of_the_environment_is_optional_and_never_mixed)
{
	static const char *const tokens[] = { NULL, "AWS_SESSION_TOKEN=t" };

	for (size_t i = 0; i < ARRAY_SIZE(tokens); i++) {
		struct aws_play *p = aws_play_new();
		struct aws_credentials *c;
		struct aws_key *k;

		aws_play_set(p, "AWS_ACCESS_KEY_ID=AKID");
		aws_play_set(p, "AWS_SECRET_ACCESS_KEY=x");
		aws_play_write(p, ".env", "AWS_SESSION_TOKEN=other\n");
		if (tokens[i])
			aws_play_set(p, tokens[i]);
		c = open_with(p, (struct aws_credentials_options){ 0 });
		cr_assert_eq(aws_credentials_get(c, &k), 0);
		if (tokens[i])
			cr_expect_str_eq(k->key.token, "t");
		else
			cr_expect_null(k->key.token);
		cr_expect_eq(k->expires, 0);
		aws_key_free(k);
		aws_credentials_free(c);
		aws_play_free(p);
	}
}

Test(aws_credentials, nobody_signs_who_need_not)
{
	static const struct {
		struct aws_credentials_options options;
		const char *variable, *id;
	} cases[] = {
		{ { .anonymous = true }, NULL, "" },
		{ { .anonymous = true, .key_id = "AKID-set", .secret = "x" },
		  NULL,
		  "" },
		{ { 0 }, "AWS_NO_SIGN_REQUEST=YES", "" },
		{ { 0 }, "AWS_NO_SIGN_REQUEST=no", "AKID-env" },
		{ { .key_id = "AKID-set", .secret = "x" },
		  "AWS_NO_SIGN_REQUEST=1",
		  "AKID-set" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct aws_play *p = aws_play_new();
		struct aws_credentials *c;

		aws_play_set(p, "AWS_ACCESS_KEY_ID=AKID-env");
		aws_play_set(p, "AWS_SECRET_ACCESS_KEY=x");
		if (cases[i].variable)
			aws_play_set(p, cases[i].variable);
		c = open_with(p, cases[i].options);
		cr_expect_str_eq(aws_play_id(c), cases[i].id, "case %zu", i);
		aws_credentials_expire(c, NULL);
		cr_expect_str_eq(aws_play_id(c), cases[i].id, "case %zu", i);
		aws_credentials_free(c);
		aws_play_free(p);
	}
}

/* ---- Another ------------------------------------------------------------ */

Test(aws_credentials, keys_are_replaced_five_minutes_before_they_expire)
{
	struct aws_play *p = aws_play_new();
	struct aws_credentials *c = open_container(p);

	cr_expect_str_eq(aws_play_id(c), "AKID-container-1");
	aws_play_pass(3299);
	cr_expect_str_eq(aws_play_id(c), "AKID-container-1");
	aws_play_pass(1);
	cr_expect_str_eq(aws_play_id(c), "AKID-container-2");
	cr_expect_str_eq(aws_play_id(c), "AKID-container-2");
	aws_credentials_free(c);
	aws_play_free(p);
}

Test(aws_credentials, keys_of_a_short_life_are_not_fetched_for_every_request)
{
	struct aws_play *p = aws_play_new();
	struct aws_credentials *c;

	p->life = 100;
	c = open_container(p);
	for (int i = 0; i < 100; i++) {
		cr_expect_str_neq(aws_play_id(c), "EACCES");
		aws_play_pass(1);
	}
	cr_expect_leq(p->given, 4, "%u", p->given);
	aws_credentials_free(c);
	aws_play_free(p);
}

Test(aws_credentials, old_keys_are_used_on_while_there_are_no_new_ones)
{
	struct aws_play *p = aws_play_new();
	struct aws_credentials *c = open_container(p);
	struct capture all;
	unsigned asked = fault_server_seen(p->server);

	break_server(p);
	aws_play_pass(3300);
	capture_start(&all);
	for (int i = 0; i < 300; i++) {
		cr_expect_str_eq(aws_play_id(c), "AKID-container-1");
		aws_play_pass(1);
	}
	cr_expect_str_eq(aws_play_id(c), "EACCES");
	cr_expect(strstr(capture_stop(&all), "going on with the old AWS keys"));
	/* Once a minute, and when they were needed. */
	cr_expect_eq(fault_server_seen(p->server) - asked, 6, "%u",
		     fault_server_seen(p->server) - asked);
	mend_server(p);
	aws_play_pass(10);
	cr_expect_str_eq(aws_play_id(c), "AKID-container-2");
	aws_credentials_free(c);
	aws_play_free(p);
}

Test(aws_credentials, a_source_that_is_down_is_not_asked_for_every_request)
{
	struct aws_play *p = aws_play_new();
	struct aws_credentials *c = open_container(p);
	struct capture all;
	unsigned asked = fault_server_seen(p->server);

	break_server(p);
	aws_play_pass(4000);
	capture_start(&all);
	for (int i = 0; i < 20; i++) {
		cr_expect_str_eq(aws_play_id(c), "EACCES");
		aws_play_pass(1);
	}
	capture_stop(&all);
	cr_expect_eq(fault_server_seen(p->server) - asked, 2);
	aws_credentials_free(c);
	aws_play_free(p);
}

Test(aws_credentials, what_a_server_refused_is_replaced_once)
{
	struct aws_play *p = aws_play_new();
	struct aws_credentials *c = open_container(p);

	aws_credentials_expire(c, "AKID-container-0"); /* long gone */
	cr_expect_str_eq(aws_play_id(c), "AKID-container-1");
	aws_credentials_expire(c, "AKID-container-1");
	aws_credentials_expire(c, "AKID-container-1");
	cr_expect_str_eq(aws_play_id(c), "AKID-container-2");
	aws_credentials_expire(c, "AKID-container-1");
	cr_expect_str_eq(aws_play_id(c), "AKID-container-2");
	aws_credentials_expire(c, "AKID-container-2");
	cr_expect_str_eq(aws_play_id(c), "AKID-container-3");
	aws_credentials_free(c);
	aws_play_free(p);
}

Test(aws_credentials, new_keys_in_a_file_are_found_when_the_old_are_refused)
{
	static const char text[] = "[default]\naws_access_key_id = AKID-%c\n"
				   "aws_secret_access_key = x\n";
	struct aws_play *p = aws_play_new();
	struct aws_credentials *c;
	char file[128];

	snprintf(file, sizeof(file), text, 'a');
	aws_play_write(p, ".aws/credentials", file);
	c = open_with(p, (struct aws_credentials_options){ 0 });
	cr_expect_str_eq(aws_play_id(c), "AKID-a");
	/* It has no others: the server need not be believed for a while. */
	aws_credentials_expire(c, "AKID-a");
	cr_expect_str_eq(aws_play_id(c), "AKID-a");
	snprintf(file, sizeof(file), text, 'b');
	aws_play_write(p, ".aws/credentials", file);
	aws_credentials_expire(c, "AKID-a");
	cr_expect_str_eq(aws_play_id(c), "AKID-a");
	aws_play_pass(10);
	aws_credentials_expire(c, "AKID-a");
	cr_expect_str_eq(aws_play_id(c), "AKID-b");
	aws_credentials_free(c);
	aws_play_free(p);
}

Test(aws_credentials, a_source_that_has_nothing_any_more_is_an_error)
{
	struct aws_play *p = aws_play_new();
	struct aws_credentials *c;
	struct capture all;

	aws_play_write(p, ".aws/credentials",
		       "[default]\naws_access_key_id = AKID-a\n"
		       "aws_secret_access_key = x\n");
	c = open_with(p, (struct aws_credentials_options){ 0 });
	aws_play_write(p, ".aws/credentials", "");
	cr_expect_str_eq(aws_play_id(c), "AKID-a");
	aws_credentials_expire(c, "AKID-a");
	capture_start(&all);
	cr_expect_str_eq(aws_play_id(c), "EACCES");
	cr_expect(strstr(capture_stop(&all),
			 "no AWS keys any more (profile default)"));
	aws_credentials_free(c);
	aws_play_free(p);
}

Test(aws_credentials, waiting_ends_when_all_shall_stop)
{
	static const struct fault_rule rule = {
		.answer = { .fault = FAULT_STALL, .ms = 20000 }
	};
	struct aws_play *p = aws_play_new();
	_Atomic bool stop = false;
	struct aws_credentials *c;
	struct capture all;

	aws_play_use_container(p);
	c = open_with(p, (struct aws_credentials_options){ .stop = &stop });
	fault_server_rules(p->server, &rule, 1);
	aws_credentials_expire(c, "AKID-container-1");
	stop = true;
	capture_start(&all);
	cr_expect_str_eq(aws_play_id(c), "ECANCELED");
	cr_expect_str_empty(capture_stop(&all));
	aws_credentials_free(c);
	aws_play_free(p);
}

Test(aws_credentials, nothing_is_said_of_the_old_keys_when_all_shall_stop)
{
	static const struct fault_rule rule = {
		.answer = { .fault = FAULT_STALL, .ms = 20000 }
	};
	struct aws_play *p = aws_play_new();
	_Atomic bool stop = false;
	struct aws_credentials *c;
	struct capture all;

	aws_play_use_container(p);
	c = open_with(p, (struct aws_credentials_options){ .stop = &stop });
	fault_server_rules(p->server, &rule, 1);
	aws_play_pass(3600 - 100);
	stop = true;
	capture_start(&all);
	cr_expect_str_eq(aws_play_id(c), "AKID-container-1");
	cr_expect_str_empty(capture_stop(&all));
	aws_credentials_free(c);
	aws_play_free(p);
}

/* ---- Region and endpoint ------------------------------------------------ */

static void expect_text(const char *got, const char *want, size_t i)
{
	cr_expect_str_eq(got ? got : "-", want ? want : "-", "case %zu: %s", i,
			 got);
}

Test(aws_credentials, region_and_endpoint_have_an_order_as_well)
{
	static const struct {
		const char *variables[3], *dotenv, *config;
		struct aws_credentials_options options;
		struct remote_endpoint endpoint;
		const char *region;
	} cases[] = {
		{ .region = NULL },
		{ .config = "[default]\nregion = r4\nendpoint_url = e4\n",
		  .region = "r4",
		  .endpoint = { "e4", "endpoint_url of the profile" } },
		{ .config = "[default]\nregion = r4\nendpoint_url = e4\n"
			    "services = s\n[services s]\n"
			    "s3 =\n  endpoint_url = e3\n",
		  .region = "r4",
		  .endpoint = { "e3",
				"endpoint_url of the profile's services" } },
		{ .variables = { "AWS_DEFAULT_REGION=r3",
				 "AWS_ENDPOINT_URL=e2" },
		  .config = "[default]\nregion = r4\nendpoint_url = e4\n",
		  .region = "r3",
		  .endpoint = { "e2", "AWS_ENDPOINT_URL" } },
		{ .variables = { "AWS_DEFAULT_REGION=r3", "AWS_REGION=r2",
				 "AWS_ENDPOINT_URL_S3=e1" },
		  .dotenv = "AWS_REGION=r9\nAWS_ENDPOINT_URL=e9\n",
		  .region = "r2",
		  .endpoint = { "e1", "AWS_ENDPOINT_URL_S3" } },
		{ .dotenv = "AWS_REGION=r9\nAWS_ENDPOINT_URL=e9\n",
		  .config = "[default]\nregion = r4\nendpoint_url = e4\n",
		  .region = "r9",
		  .endpoint = { "e9", "AWS_ENDPOINT_URL in .env" } },
		{ .variables = { "AWS_REGION=r2", "AWS_ENDPOINT_URL_S3=e1" },
		  .options = { .region = "r1", .endpoint = "e0" },
		  .region = "r1",
		  .endpoint = { "e0",
				"storage.storage_options.endpoint_url" } },
		{ .variables = { "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true",
				 "AWS_ENDPOINT_URL_S3=e1" },
		  .config = "[default]\nendpoint_url = e4\n" },
		{ .config = "[default]\nendpoint_url = e4\n"
			    "ignore_configured_endpoint_urls = true\n",
		  .options = { .endpoint = "e0" },
		  .endpoint = { "e0",
				"storage.storage_options.endpoint_url" } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct aws_credentials_options o = cases[i].options;
		struct aws_play *p = aws_play_new();
		struct aws_credentials *c;
		struct remote_endpoint endpoint;
		const char *region;

		for (int j = 0; j < 3 && cases[i].variables[j]; j++)
			aws_play_set(p, cases[i].variables[j]);
		if (cases[i].dotenv)
			aws_play_write(p, ".env", cases[i].dotenv);
		if (cases[i].config)
			aws_play_write(p, ".aws/config", cases[i].config);
		o.anonymous = true;
		c = open_with(p, o);
		region = aws_credentials_region(c);
		endpoint = aws_credentials_endpoint(c);
		expect_text(region, cases[i].region, i);
		expect_text(endpoint.url, cases[i].endpoint.url, i);
		expect_text(endpoint.by, cases[i].endpoint.by, i);
		aws_credentials_free(c);
		aws_play_free(p);
	}
}
