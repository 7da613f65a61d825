#include "backends/azure_errors.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <string.h>

/* As rest.h promises: the first row that fits. */
static const struct rest_error *find(int status, const char *code)
{
	const struct rest_error *e = azure_errors_table;

	while ((e->status && e->status != status) ||
	       (e->code && strcmp(e->code, code) != 0))
		e++;
	return e;
}

Test(azure_errors, say_what_happened_and_what_may_help)
{
	static const struct {
		int status;
		const char *code;
		int error;
		enum rest_advice advice;
	} cases[] = {
		{ 404, "BlobNotFound", -ENOENT, REST_FINAL },
		{ 404, "ContainerNotFound", -ENOENT, REST_FINAL },
		{ 404, "", -ENOENT, REST_FINAL },
		{ 304, "ConditionNotMet", -ESTALE, REST_FINAL },
		{ 412, "ConditionNotMet", -ESTALE, REST_FINAL },
		{ 412, "SourceConditionNotMet", -ESTALE, REST_FINAL },
		{ 412, "LeaseIdMissing", -EBUSY, REST_FINAL },
		{ 416, "InvalidRange", -ESTALE, REST_FINAL },
		{ 401, "NoAuthenticationInformation", -EACCES, REST_REFRESH },
		{ 401, "InvalidAuthenticationInfo", -EACCES, REST_REFRESH },
		{ 403, "AuthenticationFailed", -EACCES, REST_REFRESH },
		{ 403, "AuthorizationPermissionMismatch", -EACCES, REST_FINAL },
		{ 403, "InsufficientAccountPermissions", -EACCES, REST_FINAL },
		{ 403, "", -EACCES, REST_FINAL },
		{ 503, "ServerBusy", -EBUSY, REST_SLOWER },
		{ 503, "", -EBUSY, REST_SLOWER },
		{ 429, "TooManyRequests", -EBUSY, REST_SLOWER },
		{ 500, "OperationTimedOut", -ETIMEDOUT, REST_SLOWER },
		{ 500, "InternalError", -EIO, REST_AGAIN },
		{ 500, "", -EIO, REST_AGAIN },
		{ 502, "", -EIO, REST_AGAIN },
		{ 504, "", -ETIMEDOUT, REST_AGAIN },
		{ 408, "", -ETIMEDOUT, REST_AGAIN },
		{ 400, "Md5Mismatch", -EIO, REST_AGAIN },
		{ 400, "InvalidBlockList", -EBUSY, REST_FINAL },
		{ 400, "InvalidBlobOrBlock", -EBUSY, REST_FINAL },
		{ 400, "OutOfRangeInput", -EINVAL, REST_FINAL },
		{ 400, "UnsupportedHeader", -EIO, REST_FINAL },
		{ 409, "BlobImmutableDueToPolicy", -EPERM, REST_FINAL },
		{ 409, "PendingCopyOperation", -EBUSY, REST_AGAIN },
		{ 409, "SnapshotsPresent", -EBUSY, REST_FINAL },
		{ 413, "RequestBodyTooLarge", -EFBIG, REST_FINAL },
		{ 307, "", -EIO, REST_FINAL },
		{ 599, "", -EIO, REST_FINAL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct rest_error *e =
			find(cases[i].status, cases[i].code);

		cr_expect_eq(e->error, cases[i].error, "%d %s: %d",
			     cases[i].status, cases[i].code, e->error);
		cr_expect_eq(e->advice, cases[i].advice, "%d %s: advice %d",
			     cases[i].status, cases[i].code, (int)e->advice);
	}
}

Test(azure_errors, are_explained_by_headers_and_body)
{
	static const struct {
		const char *reply, *body, *code, *message;
	} cases[] = {
		{ "", "", "", "" },
		{ "X-Ms-Error-Code: BlobNotFound\n", "", "BlobNotFound", "" },
		{ "x-ms-error-code:  ServerBusy \nServer: x\n", "",
		  "ServerBusy", "" },
		{ "",
		  "\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"utf-8\"?>"
		  "<Error><Code>ServerBusy</Code><Message>The server is "
		  "busy.\nRequestId:1\nTime:2</Message></Error>",
		  "ServerBusy", "The server is busy." },
		/* Cut, as long ones are. */
		{ "x-ms-error-code: A\n",
		  "<Error><Code>A</Code><Message>Why</Message><Auth", "A",
		  "Why" },
		{ "", "<html>Bad gateway</html>", "", "" },
		{ "", "Bad gateway", "", "" },
		{ "x-ms-error-code: "
		  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		  "bbbbbbbbbb\n",
		  "",
		  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		  "bbb",
		  "" },
	};
	struct http_exchange *x = calloc(1, sizeof(*x));
	char code[REST_CODE], message[256];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		snprintf(x->reply, sizeof(x->reply), "%s", cases[i].reply);
		x->refusal_len = (size_t)snprintf(
			x->refusal, sizeof(x->refusal), "%s", cases[i].body);
		azure_errors_explain(x, code, message);
		cr_expect_str_eq(code, cases[i].code, "case %zu: %s", i, code);
		cr_expect_str_eq(message, cases[i].message, "case %zu: %s", i,
				 message);
	}
	free(x);
}
