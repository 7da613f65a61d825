#include "backends/s3_errors.h"

#include "backends/xml.h"

#include <errno.h>
#include <string.h>

/* Codes first: they say more than a status, which is all that the answer to a
 * HEAD has: 400 without a code is what ExpiredToken looks like there.  A key
 * that is not known may have been before: MinIO forgets those that expire.  503
 * without a code is taken for SlowDown: to go slower when the server is ill does
 * no harm.  498 is Swift's. */
const struct rest_error s3_errors_table[] = {
	{ 0, "NoSuchKey", -ENOENT, REST_FINAL },
	{ 0, "NoSuchVersion", -ENOENT, REST_FINAL },
	{ 0, "NoSuchBucket", -ENOENT, REST_FINAL },
	{ 0, "NoSuchUpload", -ENOENT, REST_FINAL },
	{ 0, "PreconditionFailed", -ESTALE, REST_FINAL },
	{ 0, "InvalidRange", -ESTALE, REST_FINAL },

	{ 0, "ExpiredToken", -EACCES, REST_REFRESH },
	{ 0, "ExpiredTokenException", -EACCES, REST_REFRESH },
	{ 0, "InvalidToken", -EACCES, REST_REFRESH },
	{ 0, "TokenRefreshRequired", -EACCES, REST_REFRESH },
	{ 0, "InvalidAccessKeyId", -EACCES, REST_REFRESH },

	{ 0, "SlowDown", -EBUSY, REST_SLOWER },
	{ 0, "RequestLimitExceeded", -EBUSY, REST_SLOWER },
	{ 0, "Throttling", -EBUSY, REST_SLOWER },
	{ 0, "ThrottlingException", -EBUSY, REST_SLOWER },
	{ 0, "TooManyRequests", -EBUSY, REST_SLOWER },
	{ 0, "BandwidthLimitExceeded", -EBUSY, REST_SLOWER },

	{ 0, "InternalError", -EIO, REST_AGAIN },
	{ 0, "RequestTimeout", -ETIMEDOUT, REST_AGAIN },
	{ 0, "OperationAborted", -EIO, REST_AGAIN },
	{ 0, "ConditionalRequestConflict", -EIO, REST_AGAIN },
	{ 0, "BadDigest", -EIO, REST_AGAIN },
	{ 0, "XAmzContentSHA256Mismatch", -EIO, REST_AGAIN },
	{ 0, "IncompleteBody", -EIO, REST_AGAIN },

	{ 0, "EntityTooLarge", -EFBIG, REST_FINAL },
	{ 0, "KeyTooLongError", -ENAMETOOLONG, REST_FINAL },
	{ 0, "QuotaExceeded", -EDQUOT, REST_FINAL },
	{ 0, "XMinioStorageFull", -ENOSPC, REST_FINAL },
	{ 0, "NotImplemented", -EOPNOTSUPP, REST_FINAL },
	{ 0, "AuthorizationHeaderMalformed", -EREMOTE, REST_FINAL },
	{ 0, "IllegalLocationConstraintException", -EREMOTE, REST_FINAL },

	{ 301, NULL, -EREMOTE, REST_FINAL },
	{ 302, NULL, -EREMOTE, REST_FINAL },
	{ 307, NULL, -EREMOTE, REST_FINAL },
	{ 308, NULL, -EREMOTE, REST_FINAL },
	{ 400, "", -EINVAL, REST_REFRESH },
	{ 400, NULL, -EINVAL, REST_FINAL },
	{ 401, NULL, -EACCES, REST_FINAL },
	{ 403, NULL, -EACCES, REST_FINAL },
	{ 404, NULL, -ENOENT, REST_FINAL },
	{ 405, NULL, -EOPNOTSUPP, REST_FINAL },
	{ 408, NULL, -ETIMEDOUT, REST_AGAIN },
	{ 409, NULL, -EIO, REST_AGAIN },
	{ 412, NULL, -ESTALE, REST_FINAL },
	{ 413, NULL, -EFBIG, REST_FINAL },
	{ 416, NULL, -ESTALE, REST_FINAL },
	{ 429, NULL, -EBUSY, REST_SLOWER },
	{ 498, NULL, -EBUSY, REST_SLOWER },
	{ 500, NULL, -EIO, REST_AGAIN },
	{ 501, NULL, -EOPNOTSUPP, REST_FINAL },
	{ 502, NULL, -EIO, REST_AGAIN },
	{ 503, NULL, -EBUSY, REST_SLOWER },
	{ 504, NULL, -ETIMEDOUT, REST_AGAIN },
	{ 507, NULL, -ENOSPC, REST_FINAL },
	{ 0, NULL, -EIO, REST_FINAL },
};

struct rest_error s3_errors_of_code(const char *code)
{
	const struct rest_error *e = s3_errors_table;

	/* One that is not known is an InternalError by another name: there was
	 * no reason to refuse when the answer began. */
	while (e->code && strcmp(e->code, code) != 0)
		e++;
	if (e->code)
		return *e;
	return (struct rest_error){ 0, NULL, -EIO, REST_AGAIN };
}

/* ---- Refusals ----------------------------------------------------------- */

struct explanation {
	char *code, *message;
};

static int on_end(void *arg, const char *path, const char *text, size_t len)
{
	struct explanation *e = arg;

	(void)len;
	if (!strcmp(path, "Error/Code"))
		snprintf(e->code, REST_CODE, "%s", text);
	else if (!strcmp(path, "Error/Message"))
		snprintf(e->message, 256, "%s", text);
	return 0;
}

static void explain_body(const struct http_exchange *x, struct explanation *e)
{
	static const struct xml_handler handler = { .end = on_end };
	struct xml *xml;
	int rc;

	if (xml_new(&handler, e, HTTP_REFUSAL, &xml) != 0)
		return;
	/* It may have been cut: what came before counts. */
	rc = xml_feed(xml, x->refusal, x->refusal_len);
	(void)rc;
	xml_free(xml);
}

void s3_errors_explain(const struct http_exchange *x, char code[REST_CODE],
		       char message[256])
{
	struct explanation e = { code, message };
	const char *region;
	size_t len, n;

	code[0] = message[0] = '\0';
	explain_body(x, &e);
	region = http_reply_header(x, "x-amz-bucket-region", &len);
	n = strlen(message);
	if (region && x->status != 403 && x->status != 404)
		snprintf(message + n, 256 - n, "%sthe bucket is in region %.*s",
			 n ? "; " : "", (int)MIN(len, (size_t)64), region);
}

/* ---- Advice ------------------------------------------------------------- */

const struct advice_row s3_errors_advice[] = {
	{ 0, "NoSuchBucket", 0,
	  "there is no such bucket; make it, or correct its name" },
	{ 0, "InvalidAccessKeyId", 0,
	  "the server does not know this key; check AWS_ACCESS_KEY_ID and the "
	  "endpoint" },
	{ 0, "SignatureDoesNotMatch", 0,
	  "there is no such key, or the secret is not its own; check "
	  "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" },
	{ 0, "RequestTimeTooSkewed", 0, "this machine's clock is wrong" },
	{ 0, "ExpiredToken", 0, "the credentials have expired; get new ones" },
	{ 0, "AuthorizationHeaderMalformed", 0,
	  "set AWS_REGION to the bucket's region" },
	{ 0, NULL, -EREMOTE,
	  "set AWS_REGION to the bucket's region, or correct the endpoint" },
	{ 0, NULL, -EACCES,
	  "these credentials may not list the bucket; allow s3:ListBucket, or "
	  "use others" },
	{ 404, NULL, 0,
	  "there is nothing of the kind; check the endpoint and the bucket" },
	{ 0, NULL, -EHOSTUNREACH,
	  "there is no way to that host, or to the proxy if http_proxy or "
	  "https_proxy names one; correct its name, or AWS_REGION" },
	{ .hint = NULL },
};
