#include "backends/aws_credentials.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

/* String literals are const, environments are not. */
#define ENVIRONMENT(...)                                                       \
	((char *const *)(uintptr_t)(const char *const[]){ __VA_ARGS__, NULL })

/* Nothing of this machine: no .env, no home. */
static struct aws_credentials *make(struct aws_credentials_options o)
{
	static char *const nothing[] = { NULL };
	struct aws_credentials *c = NULL;

	if (!o.environment)
		o.environment = nothing;
	if (!o.dotenv)
		o.dotenv = "/nonexistent/.env";
	cr_assert_eq(aws_credentials_new(&o, &c), 0);
	return c;
}

static void expect_key(struct aws_credentials *c, const char *id,
		       const char *secret, const char *token)
{
	struct aws_key *k;

	cr_assert_eq(aws_credentials_get(c, &k), 0);
	if (id)
		cr_expect_str_eq(k->key.id, id);
	else
		cr_expect_null(k->key.id);
	if (secret)
		cr_expect_str_eq(k->key.secret, secret);
	if (token)
		cr_expect_str_eq(k->key.token, token);
	else
		cr_expect_null(k->key.token);
	aws_key_free(k);
}

Test(aws_credentials, settings_come_before_the_environment)
{
	char *const *environment = ENVIRONMENT("AWS_ACCESS_KEY_ID=AKIDENV",
					       "AWS_SECRET_ACCESS_KEY=env",
					       "AWS_SESSION_TOKEN=envtoken",
					       "AWS_NO_SIGN_REQUEST=YES");
	struct aws_credentials *c = make(
		(struct aws_credentials_options){ .key_id = "AKIDSET",
						  .secret = "set",
						  .environment = environment });

	expect_key(c, "AKIDSET", "set", NULL);
	cr_expect_str_eq(aws_credentials_source(c), "settings");
	aws_credentials_free(c);
}

Test(aws_credentials, the_environment_may_hold_a_session)
{
	char *const *environment = ENVIRONMENT(
		"AWS_ACCESS_KEY_ID=AKIDENV", "AWS_SECRET_ACCESS_KEY=s3cret",
		"AWS_SESSION_TOKEN=t0ken", "AWS_REGION=eu-north-1",
		"AWS_DEFAULT_REGION=eu-south-1", "AWS_ENDPOINT_URL=http://all",
		"AWS_ENDPOINT_URL_S3=http://s3");
	struct aws_credentials *c = make(
		(struct aws_credentials_options){ .environment = environment });

	expect_key(c, "AKIDENV", "s3cret", "t0ken");
	cr_expect_str_eq(aws_credentials_source(c), "environment");
	cr_expect_str_eq(aws_credentials_region(c), "eu-north-1");
	cr_expect_str_eq(aws_credentials_endpoint(c), "http://s3");
	aws_credentials_free(c);
}

Test(aws_credentials, nobody_signs_who_need_not)
{
	char *const *environment = ENVIRONMENT("AWS_ACCESS_KEY_ID=AKIDENV",
					       "AWS_SECRET_ACCESS_KEY=s3cret",
					       "AWS_NO_SIGN_REQUEST=YES");
	const struct aws_credentials_options cases[] = {
		{ .anonymous = true },
		{ .anonymous = true, .key_id = "AKIDSET", .secret = "set" },
		{ .environment = environment },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct aws_credentials *c = make(cases[i]);

		expect_key(c, NULL, NULL, NULL);
		cr_expect_str_eq(aws_credentials_source(c), "anonymous");
		aws_credentials_free(c);
	}
}
