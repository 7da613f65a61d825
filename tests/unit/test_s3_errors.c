#include "backends/s3_errors.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

/* As rest.c looks it up. */
static struct rest_error row_of(int status, const char *code)
{
	const struct rest_error *e = s3_errors_table;

	while ((e->status && e->status != status) ||
	       (e->code && strcmp(e->code, code) != 0))
		e++;
	return *e;
}

Test(s3_errors, every_refusal_has_an_errno_and_an_advice)
{
	static const struct {
		int status;
		const char *code;
		int error;
		enum rest_advice advice;
	} cases[] = {
		{ 404, "NoSuchKey", -ENOENT, REST_FINAL },
		{ 404, "", -ENOENT, REST_FINAL },
		{ 404, "NoSuchBucket", -ENOENT, REST_FINAL },
		{ 412, "PreconditionFailed", -ESTALE, REST_FINAL },
		{ 412, "", -ESTALE, REST_FINAL },
		{ 416, "InvalidRange", -ESTALE, REST_FINAL },
		{ 403, "AccessDenied", -EACCES, REST_FINAL },
		{ 403, "", -EACCES, REST_FINAL },
		{ 403, "SignatureDoesNotMatch", -EACCES, REST_FINAL },
		{ 403, "RequestTimeTooSkewed", -EACCES, REST_FINAL },
		{ 403, "ExpiredToken", -EACCES, REST_REFRESH },
		{ 400, "ExpiredToken", -EACCES, REST_REFRESH },
		{ 403, "InvalidAccessKeyId", -EACCES, REST_REFRESH },
		{ 400, "InvalidToken", -EACCES, REST_REFRESH },
		{ 400, "", -EINVAL, REST_REFRESH },
		{ 400, "InvalidRequest", -EINVAL, REST_FINAL },
		{ 400, "RequestTimeout", -ETIMEDOUT, REST_AGAIN },
		{ 400, "XAmzContentSHA256Mismatch", -EIO, REST_AGAIN },
		{ 400, "BadDigest", -EIO, REST_AGAIN },
		{ 400, "EntityTooLarge", -EFBIG, REST_FINAL },
		{ 400, "KeyTooLongError", -ENAMETOOLONG, REST_FINAL },
		{ 400, "AuthorizationHeaderMalformed", -EREMOTE, REST_FINAL },
		{ 301, "PermanentRedirect", -EREMOTE, REST_FINAL },
		{ 307, "TemporaryRedirect", -EREMOTE, REST_FINAL },
		{ 409, "OperationAborted", -EIO, REST_AGAIN },
		{ 429, "", -EBUSY, REST_SLOWER },
		{ 500, "InternalError", -EIO, REST_AGAIN },
		{ 500, "", -EIO, REST_AGAIN },
		{ 501, "NotImplemented", -EOPNOTSUPP, REST_FINAL },
		{ 502, "", -EIO, REST_AGAIN },
		{ 503, "SlowDown", -EBUSY, REST_SLOWER },
		{ 503, "", -EBUSY, REST_SLOWER },
		{ 504, "", -ETIMEDOUT, REST_AGAIN },
		{ 507, "", -ENOSPC, REST_FINAL },
		{ 403, "QuotaExceeded", -EDQUOT, REST_FINAL },
		{ 418, "Teapot", -EIO, REST_FINAL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct rest_error e = row_of(cases[i].status, cases[i].code);

		cr_expect_eq(e.error, cases[i].error, "%d %s: %d",
			     cases[i].status, cases[i].code, e.error);
		cr_expect_eq(e.advice, cases[i].advice, "%d %s: %d",
			     cases[i].status, cases[i].code, e.advice);
	}
}

Test(s3_errors, an_error_that_came_with_200_is_tried_again_unless_it_is_final)
{
	struct rest_error e = s3_errors_of_code("InternalError");

	cr_expect(e.error == -EIO && e.advice == REST_AGAIN);
	e = s3_errors_of_code("SomethingNew");
	cr_expect(e.error == -EIO && e.advice == REST_AGAIN);
	e = s3_errors_of_code("");
	cr_expect(e.error == -EIO && e.advice == REST_AGAIN);
	e = s3_errors_of_code("SlowDown");
	cr_expect(e.error == -EBUSY && e.advice == REST_SLOWER);
	e = s3_errors_of_code("NoSuchUpload");
	cr_expect(e.error == -ENOENT && e.advice == REST_FINAL);
}

#define ERROR(inside) "<?xml version=\"1.0\"?><Error>" inside "</Error>"

Test(s3_errors, explains_what_the_server_says)
{
	static const struct {
		int status;
		const char *headers, *body, *code, *message;
	} cases[] = {
		{ 404, "",
		  ERROR("<Code>NoSuchKey</Code><Message>Not &lt;here&gt;"
			"</Message><Key>k</Key>"),
		  "NoSuchKey", "Not <here>" },
		{ 403, "", ERROR("<Code>AccessDenied</Code>"), "AccessDenied",
		  "" },
		{ 403, "",
		  "<Error><Code>AccessDenied</Code><Message>cut</Message><St",
		  "AccessDenied", "cut" },
		{ 502, "", "<html><body>Bad Gateway</body></html>", "", "" },
		{ 502, "", "Bad Gateway", "", "" },
		{ 400, "", "", "", "" },
		{ 301, "x-amz-bucket-region: eu-west-1\n", "", "",
		  "the bucket is in region eu-west-1" },
		{ 400, "Server: x\nX-Amz-Bucket-Region: eu-west-1\n",
		  ERROR("<Code>C</Code><Message>wrong</Message>"), "C",
		  "wrong; the bucket is in region eu-west-1" },
		{ 404, "x-amz-bucket-region: eu-west-1\n", "", "", "" },
		{ 400, "",
		  "<!DOCTYPE x [<!ENTITY a \"a\">]>" ERROR("<Code>&a;</Code>"),
		  "", "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		static struct http_exchange x;
		char code[REST_CODE], message[256];

		x.status = cases[i].status;
		snprintf(x.reply, sizeof(x.reply), "%s", cases[i].headers);
		snprintf(x.refusal, sizeof(x.refusal), "%s", cases[i].body);
		x.refusal_len = strlen(cases[i].body);
		s3_errors_explain(&x, code, message);
		cr_expect_str_eq(code, cases[i].code, "%zu", i);
		cr_expect_str_eq(message, cases[i].message, "%zu", i);
	}
}

Test(s3_errors, long_codes_and_messages_are_cut)
{
	static struct http_exchange x = { .status = 400 };
	char code[REST_CODE], message[256];

	x.refusal_len = (size_t)snprintf(
		x.refusal, sizeof(x.refusal),
		"<Error><Code>%0100d</Code><Message>%01000d</Message></Error>",
		0, 0);
	s3_errors_explain(&x, code, message);
	cr_expect_eq(strlen(code), REST_CODE - 1);
	cr_expect_eq(strlen(message), 255);
}
