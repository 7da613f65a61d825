/* Every source of AWS keys, asked through aws_credentials.h, with servers that
 * play their part, well or badly. */
#include "backends/aws_source.h"

#include "base/clock.h"
#include "base/log.h"
#include "lib/aws_play.h"
#include "lib/capture.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

/* What leads to a source: variables and files; see aws_play.h. */
struct scene {
	const char *name;
	void (*use[2])(struct aws_play *p);
	const char *environment[4];
	const char *config, *credentials, *dotenv, *token;
	struct aws_credentials_options options;
};

static struct aws_play *set_up(const struct scene *s)
{
	struct aws_play *p = aws_play_new();

	for (size_t i = 0; i < ARRAY_SIZE(s->use) && s->use[i]; i++)
		s->use[i](p);
	for (size_t i = 0; i < ARRAY_SIZE(s->environment) && s->environment[i];
	     i++)
		aws_play_set(p, s->environment[i]);
	if (s->config)
		aws_play_write(p, ".aws/config", s->config);
	if (s->credentials)
		aws_play_write(p, ".aws/credentials", s->credentials);
	if (s->dotenv)
		aws_play_write(p, ".env", s->dotenv);
	if (s->token)
		aws_play_write(p, "token", s->token);
	return p;
}

#define KEYS(name)                                                             \
	"aws_access_key_id = AKID-" name                                       \
	"\naws_secret_access_key = S3CR3T-" name "\n"
#define ENV_KEYS(name)                                                         \
	"AWS_ACCESS_KEY_ID=AKID-" name, "AWS_SECRET_ACCESS_KEY=S3CR3T-" name
#define ROLE(name) "role_arn = arn:aws:iam::1:role/" name "\n"
#define BY_TOKEN                                                               \
	"AWS_WEB_IDENTITY_TOKEN_FILE=%DIR%/token",                             \
		"AWS_ROLE_ARN=arn:aws:iam::1:role/irsa"

/* ---- What is found ------------------------------------------------------ */

static const struct {
	struct scene scene;
	const char *source, *id;
} found[] = {
	{ { "settings before all",
	    .use = { aws_play_use_container, aws_play_use_ec2 },
	    .environment = { ENV_KEYS("env") },
	    .options = { .key_id = "AKID-set", .secret = "x" } },
	  "settings",
	  "AKID-set" },
	{ { "environment before .env", .environment = { ENV_KEYS("env") },
	    .dotenv = "AWS_ACCESS_KEY_ID=AKID-dot\n"
		      "AWS_SECRET_ACCESS_KEY=x\n" },
	  "environment",
	  "AKID-env" },
	{ { "a key of .env, whole, before web identity",
	    .use = { aws_play_use_sts },
	    .environment = { BY_TOKEN, "AWS_SESSION_TOKEN=not this" },
	    .dotenv = "AWS_ACCESS_KEY_ID=AKID-dot\n"
		      "export AWS_SECRET_ACCESS_KEY='x'\n",
	    .token = AWS_PLAY_PASSWORD "\n" },
	  ".env",
	  "AKID-dot" },
	{ { "web identity before profiles", .use = { aws_play_use_sts },
	    .environment = { BY_TOKEN },
	    .credentials = "[default]\n" KEYS("file"),
	    .token = AWS_PLAY_PASSWORD "\n" },
	  "web identity",
	  "AKID-irsa-1" },
	{ { "a profile before containers", .use = { aws_play_use_container },
	    .credentials = "[default]\n" KEYS("file") },
	  "profile default",
	  "AKID-file" },
	{ { "a profile in config alone", .config = "[default]\n" KEYS("file") },
	  "profile default",
	  "AKID-file" },
	{ { "the profile that AWS_PROFILE names, after the environment",
	    .environment = { "AWS_PROFILE=x" },
	    .config = "[profile x]\nregion = a\n",
	    .credentials = "[default]\n" KEYS("no") "[x]\n" KEYS("file") },
	  "profile x",
	  "AKID-file" },
	{ { "keys of the environment before AWS_PROFILE",
	    .environment = { "AWS_PROFILE=x", ENV_KEYS("env") },
	    .credentials = "[x]\n" KEYS("file") },
	  "environment",
	  "AKID-env" },
	{ { "a profile of the settings before the environment",
	    .use = { aws_play_use_sts },
	    .environment = { ENV_KEYS("env"), BY_TOKEN },
	    .credentials = "[x]\n" KEYS("file"),
	    .options = { .profile = "x" } },
	  "profile x",
	  "AKID-file" },
	{ { "AWS_PROFILE of .env", .dotenv = "AWS_PROFILE=x\n",
	    .credentials = "[x]\n" KEYS("file") },
	  "profile x",
	  "AKID-file" },
	{ { "files elsewhere",
	    .environment = { "AWS_SHARED_CREDENTIALS_FILE=%DIR%/.aws/config",
			     "AWS_CONFIG_FILE=~/none" },
	    .config = "[default]\n" KEYS("file") },
	  "profile default",
	  "AKID-file" },
	{ { "a role by a source profile", .use = { aws_play_use_sts },
	    .config = "[default]\n" ROLE(
		    "r") "source_profile = base\n"
			 "external_id = e\nduration_seconds = 900\n"
			 "role_session_name = s\n",
	    .credentials = "[base]\n" KEYS("base") },
	  "profile default",
	  "AKID-r-1" },
	{ { "a role by a role", .use = { aws_play_use_sts },
	    .config = "[default]\n" ROLE(
		    "r") "source_profile = mid\n"
			 "[profile mid]\n" ROLE("m") "source_profile = base\n",
	    .credentials = "[base]\n" KEYS("base") },
	  "profile default",
	  "AKID-r-2" },
	{ { "a role by the profile's own keys", .use = { aws_play_use_sts },
	    .config = "[default]\n" ROLE("r") "source_profile = default\n",
	    .credentials = "[default]\n" KEYS("base") },
	  "profile default",
	  "AKID-r-1" },
	{ { "keys of a source profile before its role",
	    .use = { aws_play_use_sts },
	    .config = "[default]\n" ROLE(
		    "r") "source_profile = mid\n"
			 "[profile mid]\n" ROLE(
				 "m") "source_profile = default\n",
	    .credentials = "[mid]\n" KEYS("base") },
	  "profile default",
	  "AKID-r-1" },
	{ { "a role by the environment's keys", .use = { aws_play_use_sts },
	    .environment = { ENV_KEYS("base") },
	    .config = "[profile x]\n" ROLE(
		    "r") "credential_source = Environment\n",
	    .options = { .profile = "x" } },
	  "profile x",
	  "AKID-r-1" },
	{ { "a role by a container's keys",
	    .use = { aws_play_use_sts, aws_play_use_container },
	    .config = "[default]\n" ROLE(
		    "r") "credential_source = EcsContainer\n" },
	  "profile default",
	  "AKID-r-2" },
	{ { "a role by EC2's keys",
	    .use = { aws_play_use_sts, aws_play_use_ec2 },
	    .config = "[default]\n" ROLE(
		    "r") "credential_source = Ec2InstanceMetadata\n" },
	  "profile default",
	  "AKID-r-2" },
	{ { "a role by a token that the profile names",
	    .use = { aws_play_use_sts },
	    .config = "[default]\n" ROLE(
		    "r") "web_identity_token_file = %DIR%/token\n",
	    .token = AWS_PLAY_PASSWORD },
	  "profile default",
	  "AKID-r-1" },
	{ { "a program",
	    .config = "[default]\ncredential_process = cat '%DIR%/token'\n",
	    .token = "{\"Version\": 1, \"AccessKeyId\": \"AKID-p\", "
		     "\"SecretAccessKey\": \"x\"}" },
	  "profile default",
	  "AKID-p" },
	{ { "a container before EC2",
	    .use = { aws_play_use_container, aws_play_use_ec2 },
	    .config = "[default]\nregion = a\n" },
	  "container",
	  "AKID-container-1" },
	{ { "a container's password from a file",
	    .environment = { "AWS_CONTAINER_CREDENTIALS_FULL_URI=%URL%/"
			     "container",
			     "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=%DIR%/"
			     "token",
			     "AWS_CONTAINER_AUTHORIZATION_TOKEN=not this" },
	    .token = AWS_PLAY_PASSWORD "\n" },
	  "container",
	  "AKID-container-1" },
	{ { "EC2 last", .use = { aws_play_use_ec2 } },
	  "EC2 metadata",
	  "AKID-ec2-1" },
};

Test(aws_source, is_found_in_the_order_of_the_sdks)
{
	for (size_t i = 0; i < ARRAY_SIZE(found); i++) {
		const struct scene *s = &found[i].scene;
		struct aws_play *p = set_up(s);
		struct aws_credentials *c = NULL;
		int rc = aws_play_open(p, s->options, &c);

		cr_expect_eq(rc, 0, "%s: %d", s->name, rc);
		if (c) {
			cr_expect_str_eq(aws_play_id(c), found[i].id, "%s: %s",
					 s->name, aws_play_id(c));
			cr_expect_str_eq(aws_credentials_source(c),
					 found[i].source, "%s: %s", s->name,
					 aws_credentials_source(c));
		}
		aws_credentials_free(c);
		aws_play_free(p);
	}
}

/* ---- What is not -------------------------------------------------------- */

#define PROCESS(line) "[default]\ncredential_process = " line "\n"

static const struct {
	struct scene scene;
	int rc;
	const char *said;
} wrong[] = {
	{ { .name = "nothing anywhere" },
	  -ENOENT,
	  "no AWS keys anywhere (anonymous, settings, environment, .env, web "
	  "identity, profile, container, EC2 metadata)" },
	{ { "half a key in the settings", .options = { .key_id = "AKID" } },
	  -EINVAL,
	  "settings need both" },
	{ { "half a key in the environment",
	    .environment = { "AWS_SECRET_ACCESS_KEY=S3CR3T" } },
	  -EINVAL,
	  "AWS_ACCESS_KEY_ID" },
	{ { "half a key in .env", .dotenv = "AWS_ACCESS_KEY_ID=AKID\n" },
	  -EINVAL,
	  "/.env needs both" },
	{ { "half a key in a profile",
	    .config = "[default]\naws_secret_access_key = S3CR3T\n" },
	  -EINVAL,
	  "profile default needs both" },
	{ { "a key that would be two headers",
	    .environment = { "AWS_ACCESS_KEY_ID=AKID\r\nX: y",
			     "AWS_SECRET_ACCESS_KEY=S3CR3T" } },
	  -EINVAL,
	  "without spaces" },
	{ { "a config that is none", .config = "[default]\nS3CR3T\n" },
	  -EINVAL,
	  "/.aws/config:2: " },
	{ { "a profile that is not there",
	    .environment = { "AWS_PROFILE=x", ENV_KEYS("env") } },
	  -EINVAL,
	  "no profile 'x'" },
	{ { "a token for no role",
	    .environment = { "AWS_WEB_IDENTITY_TOKEN_FILE=/x" } },
	  -EINVAL,
	  "AWS_ROLE_ARN" },
	{ { "a token that is not there", .use = { aws_play_use_sts },
	    .environment = { BY_TOKEN } },
	  -ENOENT,
	  "/token: No such file" },
	{ { "a token that STS does not like", .use = { aws_play_use_sts },
	    .environment = { BY_TOKEN }, .token = "S3CR3T" },
	  -EACCES,
	  "role arn:aws:iam::1:role/irsa: AccessDenied (" },
	{ { "a region for which there is no STS",
	    .environment = { BY_TOKEN, "AWS_REGION=evil.example/" },
	    .token = "S3CR3T" },
	  -EINVAL,
	  "AWS_ENDPOINT_URL_STS" },
	{ { "a key that STS does not know", .use = { aws_play_use_sts },
	    .config = "[default]\n" ROLE(
		    "r") "source_profile = default\n"
			 "aws_access_key_id = AKID-base\n"
			 "aws_secret_access_key = S3CR3T-wrong\n" },
	  -EACCES,
	  "AccessDenied" },
	{ { "profiles in a circle",
	    .config = "[default]\n" ROLE(
		    "r") "source_profile = b\n"
			 "[profile b]\n" ROLE(
				 "r") "source_profile = c\n"
				      "[profile c]\n" ROLE(
					      "r") "source_profile = default\n" },
	  -EINVAL,
	  "profiles c and default lead to each other" },
	{ { "a long way",
	    .config = "[default]\n" ROLE(
		    "r") "source_profile = 1\n"
			 "[profile 1]\n" ROLE(
				 "r") "source_profile = 2\n"
				      "[profile 2]\n" ROLE(
					      "r") "source_profile = 3\n"
						   "[profile 3]\n" ROLE(
							   "r") "source_profile = 4\n"
								"[profile 4]\n" ROLE(
									"r") "source_profile = 5\n"
									     "[profile 5]\n" ROLE(
										     "r") "source_profile = 6\n"
											  "[profile 6]\n" ROLE(
												  "r") "source_profile = 7\n"
												       "[profile 7]\n" ROLE(
													       "r") "source_profile = 8\n"
														    "[profile 8]\n" KEYS(
															    "base") },
	  -EINVAL,
	  "more than 8 profiles" },
	{ { "a source profile that is not there",
	    .config = "[default]\n" ROLE("r") "source_profile = b\n" },
	  -EINVAL,
	  "no profile 'b', the source_profile of default" },
	{ { "a source profile without keys",
	    .config = "[default]\n" ROLE("r") "source_profile = b\n"
					      "[profile b]\nregion = a\n" },
	  -EINVAL,
	  "profile b, the source_profile of default, has no keys" },
	{ { "a role for nobody", .config = "[default]\n" ROLE("r") },
	  -EINVAL,
	  "needs one of source_profile, credential_source and" },
	{ { "a role for two",
	    .config = "[default]\n" ROLE(
		    "r") "source_profile = default\n"
			 "credential_source = Environment\n" },
	  -EINVAL,
	  "needs one of source_profile, credential_source and" },
	{ { "a source that nobody knows",
	    .config = "[default]\n" ROLE("r") "credential_source = S3CR3T\n" },
	  -EINVAL,
	  "EcsContainer or Ec2InstanceMetadata" },
	{ { "a source that has nothing",
	    .config = "[default]\n" ROLE(
		    "r") "credential_source = EcsContainer\n" },
	  -EACCES,
	  "profile default: no keys from EcsContainer" },
	{ { "a code that must be typed",
	    .config = "[default]\n" ROLE(
		    "r") "source_profile = default\n"
			 "mfa_serial = arn:aws:iam::1:mfa/me\n" },
	  -EINVAL,
	  "mfa_serial" },
	{ { "a duration that is none", .use = { aws_play_use_sts },
	    .config = "[default]\n" ROLE("r") "source_profile = default\n"
					      "duration_seconds = 1h\n" KEYS(
						      "base") },
	  -EINVAL,
	  "duration_seconds" },
	{ { "single sign-on",
	    .config = "[default]\nsso_session = x\n[sso-session x]\n"
		      "sso_start_url = y\n" },
	  -EINVAL,
	  "single sign-on" },
	{ { "a program that is not there",
	    .config = PROCESS("/nonexistent/x") },
	  -ENOENT,
	  "credential_process of profile default: No such file" },
	{ { "a program that fails",
	    .config = PROCESS("sh -c 'echo S3CR3T; echo S3CR3T >&2; exit 3'") },
	  -EACCES,
	  "status 3" },
	{ { "a program without words", .config = PROCESS("'S3CR3T") },
	  -EINVAL,
	  "quote" },
	{ { "a program that prints no JSON", .config = PROCESS("echo S3CR3T") },
	  -EBADMSG,
	  "printed" },
	{ { "a program of another version",
	    .config = PROCESS("cat '%DIR%/token'"),
	    .token = "{\"Version\": 2, \"AccessKeyId\": \"AKID-p\", "
		     "\"SecretAccessKey\": \"S3CR3T\"}" },
	  -EBADMSG,
	  "printed" },
	{ { "a program that prints half a key",
	    .config = PROCESS("cat '%DIR%/token'"),
	    .token = "{\"Version\": 1, \"SecretAccessKey\": \"S3CR3T\"}" },
	  -EBADMSG,
	  "printed" },
	{ { "a program that prints old keys",
	    .config = PROCESS("cat '%DIR%/token'"),
	    .token = "{\"Version\": 1, \"AccessKeyId\": \"AKID-p\", "
		     "\"SecretAccessKey\": \"S3CR3T\", "
		     "\"Expiration\": \"2001-01-01T00:00:00Z\"}" },
	  -EKEYEXPIRED,
	  "AWS keys (profile)" },
	{ { "a program whose keys expire at no time",
	    .config = PROCESS("cat '%DIR%/token'"),
	    .token = "{\"Version\": 1, \"AccessKeyId\": \"AKID-p\", "
		     "\"SecretAccessKey\": \"S3CR3T\", "
		     "\"Expiration\": \"soon\"}" },
	  -EBADMSG,
	  "printed" },
	{ { "a container's agent far away",
	    .environment = { "AWS_CONTAINER_CREDENTIALS_FULL_URI="
			     "http://S3CR3T.example/",
			     "AWS_CONTAINER_AUTHORIZATION_TOKEN=S3CR3T" } },
	  -EINVAL,
	  "must be https, or a server of this machine" },
	{ { "a password of two lines",
	    .environment = { "AWS_CONTAINER_CREDENTIALS_FULL_URI=%URL%/",
			     "AWS_CONTAINER_AUTHORIZATION_TOKEN=S3CR3T\nX: y" } },
	  -EINVAL,
	  "more than one line" },
	{ { "a password that is not there",
	    .environment = { "AWS_CONTAINER_CREDENTIALS_FULL_URI=%URL%/",
			     "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=/nonex" } },
	  -ENOENT,
	  "/nonex: No such file" },
	{ { "a wrong password",
	    .environment = { "AWS_CONTAINER_CREDENTIALS_FULL_URI=%URL%/"
			     "container",
			     "AWS_CONTAINER_AUTHORIZATION_TOKEN=S3CR3T" } },
	  -EACCES,
	  "status 403" },
};

static void expect_error(const struct scene *s, struct aws_play *p, int want,
			 const char *text)
{
	struct aws_credentials *c = NULL;
	struct capture all;
	const char *said;
	int rc;

	log_set_level(LOG_LEVEL_DEBUG);
	capture_start(&all);
	rc = aws_play_open(p, s->options, &c);
	said = capture_stop(&all);
	cr_expect_eq(rc, want, "%s: %d (%s)", s->name, rc, said);
	cr_expect(strstr(said, text), "%s: %s", s->name, said);
	cr_expect_null(strstr(said, AWS_PLAY_MARK), "%s: %s", s->name, said);
	aws_credentials_free(c);
}

Test(aws_source, what_is_wrong_is_said_and_nobody_else_is_asked)
{
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct aws_play *p = set_up(&wrong[i].scene);

		expect_error(&wrong[i].scene, p, wrong[i].rc, wrong[i].said);
		aws_play_free(p);
	}
}

/* ---- Servers that are broken -------------------------------------------- */

static const struct scene servers[] = {
	{ "container", .use = { aws_play_use_container } },
	{ "EC2", .use = { aws_play_use_ec2 } },
	{ "STS by key", .use = { aws_play_use_sts },
	  .config = "[default]\n" ROLE("r") "source_profile = default\n" KEYS(
		  "base") },
	{ "STS by token", .use = { aws_play_use_sts },
	  .environment = { BY_TOKEN }, .token = AWS_PLAY_PASSWORD },
};

#define JSON_KEY                                                               \
	"\"AccessKeyId\": \"AKID\", \"SecretAccessKey\": \"S3CR3T\", "         \
	"\"Token\": \"S3CR3T\""
#define XML_KEY                                                                \
	"<AccessKeyId>AKID</AccessKeyId><SecretAccessKey>S3CR3T"               \
	"</SecretAccessKey><SessionToken>S3CR3T</SessionToken>"
#define XML(text)                                                              \
	"<A><AResult><Credentials>" text "</Credentials></AResult></A>"

static const struct {
	struct fault_answer answer;
	int rc;
	const char *said;
} broken[] = {
	{ { .status = 404, .body = "S3CR3T" }, -EACCES, "status 404" },
	{ { .status = 500, .body = "S3CR3T" }, -EACCES, "status 500" },
	{ { .status = 302, .body = "S3CR3T" }, -EACCES, "status 302" },
	{ { .status = 204 }, -EBADMSG, "what it answers" },
	{ { .body = "" }, -EBADMSG, "what it answers" },
	{ { .body = "S3CR3T" }, -EBADMSG, "what it answers" },
	{ { .body = "{\"S3CR3T\": " }, -EBADMSG, "what it answers" },
	{ { .body = "[\"S3CR3T\"]" }, -EBADMSG, "what it answers" },
	{ { .body = "{" JSON_KEY "}" }, -EBADMSG, "what it answers" },
	{ { .body = "{" JSON_KEY ", \"Expiration\": 1}" },
	  -EBADMSG,
	  "what it answers" },
	{ { .body = "{\"AccessKeyId\": 1, \"SecretAccessKey\": \"S3CR3T\", "
		    "\"Expiration\": \"2100-01-01T00:00:00Z\"}" },
	  -EBADMSG,
	  "what it answers" },
	{ { .body = "<S3CR3T/>" }, -EBADMSG, "what it answers" },
	{ { .body = "<A><AResult><Credentials>" XML_KEY },
	  -EBADMSG,
	  "what it answers" },
	{ { .body = XML(XML_KEY) }, -EBADMSG, "what it answers" },
	{ { .body = XML(XML_KEY "<Expiration>S3CR3T</Expiration>") },
	  -EBADMSG,
	  "what it answers" },
	{ { .body = XML("<AccessKeyId>AKID</AccessKeyId><SecretAccessKey>S3CR3T"
			"</SecretAccessKey><SessionToken/>"
			"<Expiration>2100-01-01T00:00:00Z</Expiration>") },
	  -EBADMSG,
	  "what it answers" },
	{ { .fault = FAULT_RESET }, -ECONNRESET, "reset" },
};

/* EC2: the last question, for without a token nobody is there. */
static void break_server(struct aws_play *p, struct fault_rule *rule,
			 const struct fault_answer *answer)
{
	*rule = (struct fault_rule){ .target = p->ec2 ? "role" : NULL,
				     .answer = *answer };
	fault_server_rules(p->server, rule, 1);
}

Test(aws_source, a_broken_server_is_an_error_that_repeats_nothing,
     .timeout = 120)
{
	for (size_t i = 0; i < ARRAY_SIZE(servers); i++)
		for (size_t j = 0; j < ARRAY_SIZE(broken); j++) {
			struct aws_play *p = set_up(&servers[i]);
			struct fault_rule rule;

			break_server(p, &rule, &broken[j].answer);
			expect_error(&servers[i], p, broken[j].rc,
				     broken[j].said);
			aws_play_free(p);
		}
}

Test(aws_source, keys_that_have_expired_are_none)
{
	for (size_t i = 0; i < ARRAY_SIZE(servers); i++) {
		struct aws_play *p = set_up(&servers[i]);

		p->life = 0;
		expect_error(&servers[i], p, -EKEYEXPIRED, "AWS keys (");
		aws_play_free(p);
	}
}

Test(aws_source, a_server_that_repeats_all_it_was_told_is_not_quoted)
{
	static const int status[] = { 200, 400, 403 };

	for (size_t i = 0; i < ARRAY_SIZE(servers); i++)
		for (size_t j = 0; j < ARRAY_SIZE(status); j++) {
			struct aws_play *p = set_up(&servers[i]);
			int rc = p->ec2		  ? -ENOENT :
				 status[j] == 200 ? -EBADMSG :
						    -EACCES;

			p->babble = status[j];
			expect_error(&servers[i], p, rc, "");
			aws_play_free(p);
		}
}

/* ---- Details ------------------------------------------------------------ */

Test(aws_source, sts_is_told_about_the_role)
{
	const struct scene *s = NULL;
	const struct fault_request *q;
	struct aws_credentials *c;
	struct aws_play *p;

	for (size_t i = 0; i < ARRAY_SIZE(found); i++)
		if (!strcmp(found[i].scene.name, "a role by a source profile"))
			s = &found[i].scene;
	cr_assert(s);
	p = set_up(s);
	cr_assert_eq(aws_play_open(p, s->options, &c), 0);
	q = fault_server_request(p->server, 0);
	cr_expect_str_eq(q->body,
			 "Action=AssumeRole&Version=2011-06-15&"
			 "RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr&"
			 "RoleSessionName=s&ExternalId=e&DurationSeconds=900");
	cr_expect_str_eq(fault_request_header(q, "Content-Type"),
			 "application/x-www-form-urlencoded");
	aws_credentials_free(c);
	aws_play_free(p);
}

Test(aws_source, sts_may_pass_on_a_failure_of_somebody_else)
{
	static const struct fault_rule rules[] = {
		{ .times = 2,
		  .answer = { .status = 400,
			      .body = "<ErrorResponse><Error><Code>"
				      "IDPCommunicationError</Code></Error>"
				      "</ErrorResponse>" } },
	};
	struct aws_play *p = set_up(&servers[3]);
	struct aws_credentials *c;

	fault_server_rules(p->server, rules, 1);
	cr_assert_eq(aws_play_open(p, servers[3].options, &c), 0);
	cr_expect_eq(fault_server_seen(p->server), 3);
	aws_credentials_free(c);
	aws_play_free(p);
}

/* Nobody waits long for a service that is not there. */
Test(aws_source, machines_elsewhere_do_not_wait_for_ec2)
{
	static const struct fault_answer answers[] = {
		{ .fault = FAULT_STALL, .ms = 60000 },
		{ .status = 405 },
		{ .status = 200, .body = "two\nlines" },
		{ .fault = FAULT_CLOSE },
	};

	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		struct scene s = servers[1];
		struct aws_play *p = set_up(&s);
		struct fault_rule rule = { .answer = answers[i] };
		uint64_t begin = clock_ns();

		s.options.answer_ms = 1000;
		fault_server_rules(p->server, &rule, 1);
		expect_error(&s, p, -ENOENT, "no AWS keys anywhere");
		cr_expect_lt(clock_ns() - begin, 50 * NS_PER_SEC);
		aws_play_free(p);
	}
}

Test(aws_source, a_machine_without_a_role_is_told_so)
{
	static const struct fault_rule rule = { .target = "security-",
						.answer = { .status = 404 } };
	struct aws_play *p = set_up(&servers[1]);

	fault_server_rules(p->server, &rule, 1);
	expect_error(&servers[1], p, -ENOENT, "this machine has no role");
	aws_play_free(p);
}

Test(aws_source, an_agent_that_breaks_off_is_asked_again)
{
	static const struct fault_rule rule = { .times = 1,
						.answer.fault = FAULT_RESET };
	struct aws_play *p = set_up(&servers[0]);
	struct aws_credentials *c;

	fault_server_rules(p->server, &rule, 1);
	cr_assert_eq(aws_play_open(p, servers[0].options, &c), 0);
	cr_expect_str_eq(aws_play_id(c), "AKID-container-1");
	aws_credentials_free(c);
	aws_play_free(p);
}

Test(aws_source, tokens_go_only_where_no_stranger_listens)
{
	static const struct {
		const char *relative, *full, *want; /* NULL: nowhere */
	} cases[] = {
		{ "/v2/x", NULL, "http://169.254.170.2/v2/x" },
		{ "/v2/x", "http://evil", "http://169.254.170.2/v2/x" },
		{ "v2/x", NULL, NULL },
		{ "@evil/", NULL, NULL },
		{ NULL, "https://example.com/x", "https://example.com/x" },
		{ NULL, "http://127.0.0.1", "http://127.0.0.1" },
		{ NULL, "http://127.9.9.9:80/x", "http://127.9.9.9:80/x" },
		{ NULL, "http://localhost:8080?x", "http://localhost:8080?x" },
		{ NULL, "http://[::1]:80/x", "http://[::1]:80/x" },
		{ NULL, "http://169.254.170.2/x", "http://169.254.170.2/x" },
		{ NULL, "http://169.254.170.23/x", "http://169.254.170.23/x" },
		{ NULL, "http://[fd00:ec2::23]/x", "http://[fd00:ec2::23]/x" },
		{ NULL, "http://[fd00:ec2:0::23]/",
		  "http://[fd00:ec2:0::23]/" },
		{ NULL, "http://example.com/x", NULL },
		{ NULL, "http://169.254.169.254/x", NULL },
		{ NULL, "http://126.0.0.1/", NULL },
		{ NULL, "http://128.0.0.1/", NULL },
		{ NULL, "http://127.0.0.1@evil/", NULL },
		{ NULL, "http://localhost:80@evil/", NULL },
		{ NULL, "http://localhost.evil/", NULL },
		{ NULL, "http://127.0.0.1.evil/", NULL },
		{ NULL, "http://[::1].evil/", NULL },
		{ NULL, "http://[::1/", NULL },
		{ NULL, "http:///x", NULL },
		{ NULL, "ftp://localhost/", NULL },
		{ NULL, "localhost/", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_FREE char *url = NULL;
		struct capture all;
		int rc;

		capture_start(&all);
		rc = aws_source_container_url(cases[i].relative, cases[i].full,
					      &url);
		capture_stop(&all);
		cr_expect_eq(rc, cases[i].want ? 0 : -EINVAL, "case %zu", i);
		if (cases[i].want)
			cr_expect_str_eq(url, cases[i].want);
	}
}
