#include "backends/advice.h"

#include "backends/azure_errors.h"
#include "backends/http.h"
#include "backends/s3_errors.h"
#include "lib/capture.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

static const struct advice s3 = { .uri = "s3://b/p",
				  .server = "http://h:1",
				  .by = "AWS_ENDPOINT_URL",
				  .source = "environment",
				  .kind = ADVICE_S3,
				  .rows = s3_errors_advice };
static const struct advice azure = { .uri = "az://a/c",
				     .server = "http://h:1/a",
				     .by = "dliofs.azure.endpoint",
				     .source = "settings",
				     .kind = ADVICE_AZURE,
				     .rows = azure_errors_advice };

Test(advice, names_what_to_change)
{
	static const struct {
		const struct advice *of;
		int status;
		const char *code;
		int error;
		const char *want;
	} cases[] = {
		{ &s3, 404, "NoSuchBucket", -ENOENT, "make it" },
		{ &s3, 403, "InvalidAccessKeyId", -EACCES,
		  "AWS_ACCESS_KEY_ID" },
		{ &s3, 403, "SignatureDoesNotMatch", -EACCES,
		  "AWS_SECRET_ACCESS_KEY" },
		{ &s3, 403, "AccessDenied", -EACCES, "s3:ListBucket" },
		{ &s3, 403, "RequestTimeTooSkewed", -EACCES, "clock" },
		{ &s3, 301, "PermanentRedirect", -EREMOTE, "AWS_REGION" },
		{ &s3, 400, "AuthorizationHeaderMalformed", -EREMOTE,
		  "AWS_REGION" },
		{ &s3, 404, "", -ENOENT, "endpoint" },
		{ &s3, 0, "", -EHOSTUNREACH, "AWS_REGION" },
		{ &azure, 404, "ContainerNotFound", -ENOENT,
		  "no such container; create it" },
		{ &azure, 403, "AuthenticationFailed", -EACCES,
		  "not this account's, or a SAS has expired; check it first" },
		{ &azure, 403, "AuthorizationFailure", -EACCES,
		  "not this account's, or a SAS has expired; check it first" },
		{ &azure, 403, "AuthorizationPermissionMismatch", -EACCES,
		  "may not list it: it takes the account's key, a role" },
		{ &azure, 0, "", -EHOSTUNREACH, "the account's" },
		{ &s3, 0, "", -ECONNREFUSED, "nobody listens there" },
		{ &azure, 0, "", -ECONNREFUSED, "nobody listens there" },
		{ &s3, 0, "", -ETIMEDOUT, "does not answer in time" },
		{ &azure, 0, "", -ETIMEDOUT, "does not answer in time" },
		{ &s3, 0, "", -EKEYREJECTED, "dliofs.backend.ca_file" },
		{ &azure, 0, "", -EPROTO, "http and https" },
		{ &s3, 200, "", -EBADMSG, "answers something else" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct http_exchange x = { .status = cases[i].status };
		const char *hint = advice_find(cases[i].of, &x, cases[i].code,
					       cases[i].error);

		cr_assert_not_null(hint, "%zu", i);
		cr_expect(strstr(hint, cases[i].want), "%zu: %s", i, hint);
	}
}

Test(advice, says_where_it_was_and_who_said_so)
{
	const struct http_exchange none = { .status = 0 };
	const struct http_exchange refusal = { .status = 403 };
	struct capture c;

	capture_start(&c);
	advice_say(&s3, &none, "", -ECONNREFUSED);
	cr_expect_str_eq(capture_stop(&c),
			 "dliofs: error: open s3://b/p at http://h:1 (by "
			 "AWS_ENDPOINT_URL): nobody listens there, or at the "
			 "proxy if http_proxy or https_proxy names one; "
			 "correct the host and port, or start the server\n");

	capture_start(&c);
	advice_say(&azure, &refusal, "", -EACCES);
	capture_stop(&c);
	cr_expect(strstr(c.text, "open az://a/c at http://h:1/a (by "
				 "dliofs.azure.endpoint), signed in by "
				 "settings: "),
		  "%s", c.text);

	/* Nothing helps: what happened has been said. */
	capture_start(&c);
	advice_say(&s3, &(struct http_exchange){ .status = 500 },
		   "InternalError", -EIO);
	cr_expect_str_empty(capture_stop(&c));
}

Test(advice, knows_a_server_of_the_other_kind)
{
	static const struct {
		const struct advice *of;
		const char *reply, *want;
	} cases[] = {
		{ &s3, "Server: Azurite-Blob/3.35.0\n", "az://ACCOUNT" },
		{ &s3, "Server: Windows-Azure-Blob/1.0\n", "az://ACCOUNT" },
		{ &s3, "X-Ms-Request-Id: 7\nServer: x\n", "az://ACCOUNT" },
		{ &azure, "x-amz-request-id: tx7\n", "s3://BUCKET" },
		/* Its own kind, and nobody's. */
		{ &azure, "x-ms-request-id: 7\nServer: Azurite-Blob\n", NULL },
		{ &s3, "x-amz-request-id: tx7\n", NULL },
		{ &s3, "Server: Azur\n", NULL },
		{ &azure, "Server: nginx\n", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct http_exchange x = { .status = 400 };
		const char *hint;

		snprintf(x.reply, sizeof(x.reply), "%s", cases[i].reply);
		hint = advice_find(cases[i].of, &x, "", -EINVAL);
		cr_expect_eq(!hint, !cases[i].want, "%zu: %s", i, hint);
		if (cases[i].want && hint)
			cr_expect(strstr(hint, cases[i].want), "%zu: %s", i,
				  hint);
	}
}
