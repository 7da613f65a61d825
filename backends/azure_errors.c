#include "backends/azure_errors.h"

#include "backends/xml.h"

#include <errno.h>
#include <string.h>

const struct rest_error azure_errors_table[] = {
	/* Not there */
	{ 404, NULL, -ENOENT, REST_FINAL },

	/* Not what it was */
	{ 304, NULL, -ESTALE, REST_FINAL },
	{ 412, "LeaseIdMissing", -EBUSY, REST_FINAL },
	{ 412, "LeaseLost", -EBUSY, REST_FINAL },
	{ 412, "LeaseIdMismatchWithBlobOperation", -EBUSY, REST_FINAL },
	{ 412, "LeaseNotPresentWithBlobOperation", -EBUSY, REST_FINAL },
	{ 412, NULL, -ESTALE, REST_FINAL },
	{ 416, NULL, -ESTALE, REST_FINAL },

	/* Not for us */
	{ 400, "InvalidAuthenticationInfo", -EACCES, REST_REFRESH },
	{ 401, NULL, -EACCES, REST_REFRESH },
	{ 403, "AuthenticationFailed", -EACCES, REST_REFRESH },
	{ 403, "AuthorizationFailure", -EACCES, REST_REFRESH },
	{ 403, NULL, -EACCES, REST_FINAL },

	/* Too much */
	{ 429, NULL, -EBUSY, REST_SLOWER },
	{ 500, "OperationTimedOut", -ETIMEDOUT, REST_SLOWER },
	{ 503, "OperationTimedOut", -ETIMEDOUT, REST_SLOWER },
	{ 503, NULL, -EBUSY, REST_SLOWER },

	/* Broken, for the moment */
	{ 400, "Md5Mismatch", -EIO, REST_AGAIN },
	{ 400, "InvalidOperation", -EIO, REST_AGAIN }, /* Azurite's word */
	{ 408, NULL, -ETIMEDOUT, REST_AGAIN },
	{ 500, NULL, -EIO, REST_AGAIN },
	{ 502, NULL, -EIO, REST_AGAIN },
	{ 504, NULL, -ETIMEDOUT, REST_AGAIN },

	/* In the way */
	{ 400, "InvalidBlockList", -EBUSY, REST_FINAL },
	{ 400, "InvalidBlobOrBlock", -EBUSY, REST_FINAL },
	{ 409, "BlobAlreadyExists", -EEXIST, REST_FINAL },
	{ 409, "BlobImmutableDueToLegalHold", -EPERM, REST_FINAL },
	{ 409, "BlobImmutableDueToPolicy", -EPERM, REST_FINAL },
	{ 409, "BlobOperationNotSupported", -EOPNOTSUPP, REST_FINAL },
	{ 409, "BlockCountExceedsLimit", -EFBIG, REST_FINAL },
	{ 409, "DirectoryIsNotEmpty", -ENOTEMPTY, REST_FINAL },
	{ 409, "InvalidBlobType", -EOPNOTSUPP, REST_FINAL },
	{ 409, "PathConflict", -EISDIR, REST_FINAL },
	{ 409, "PendingCopyOperation", -EBUSY, REST_AGAIN },
	{ 409, "ResourceTypeMismatch", -EISDIR, REST_FINAL },
	{ 409, NULL, -EBUSY, REST_FINAL },

	/* Impossible */
	{ 400, "BlockListTooLong", -EFBIG, REST_FINAL },
	{ 400, "InvalidInput", -EINVAL, REST_FINAL },
	{ 400, "InvalidResourceName", -EINVAL, REST_FINAL },
	{ 400, "InvalidUri", -EINVAL, REST_FINAL },
	{ 400, "OutOfRangeInput", -EINVAL, REST_FINAL },
	{ 400, "RequestUrlFailedToParse", -EINVAL, REST_FINAL },
	{ 405, NULL, -EOPNOTSUPP, REST_FINAL },
	{ 413, NULL, -EFBIG, REST_FINAL },
	{ 414, NULL, -ENAMETOOLONG, REST_FINAL },
	{ 501, NULL, -EOPNOTSUPP, REST_FINAL },
	{ 0, NULL, -EIO, REST_FINAL },
};

#define MAY_NOT_LIST                                                           \
	"it takes the account's key, a role such as Storage Blob Data "        \
	"Contributor, or a SAS with read and list (sp=rl)"
#define WRONG_KEY                                                               \
	"the key or SAS is not this account's, or a SAS has expired; check it " \
	"first (AZURE_STORAGE_KEY, AZURE_STORAGE_SAS_TOKEN and so on), and "    \
	"this machine's clock; then what it may do: " MAY_NOT_LIST

const struct advice_row azure_errors_advice[] = {
	{ 0, "AuthenticationFailed", 0, WRONG_KEY },
	{ 0, "AuthorizationFailure", 0, WRONG_KEY },
	{ 0, NULL, -EACCES, "who signs in may not list it: " MAY_NOT_LIST },
	{ 0, NULL, -ENOENT,
	  "there is no such container; create it, or name another" },
	{ 0, NULL, -EHOSTUNREACH,
	  "there is no way to that host, or to the proxy if http_proxy or "
	  "https_proxy names one; correct its name, or the account's" },
	{ .hint = NULL },
};

struct explanation {
	char *code, *message;
};

/* Behind the message come lines with the request's id and time. */
static int take(void *arg, const char *path, const char *text, size_t len)
{
	const struct explanation *e = arg;

	(void)len;
	if (!strcmp(path, "Error/Code"))
		snprintf(e->code, REST_CODE, "%s", text);
	else if (!strcmp(path, "Error/Message"))
		snprintf(e->message, 256, "%.*s", (int)strcspn(text, "\r\n"),
			 text);
	return 0;
}

/* The text may be cut, or none of Azure's: what was found until then counts. */
static void read_body(const struct http_exchange *x, struct explanation *e)
{
	static const struct xml_handler handler = { .end = take };
	struct xml *xml;

	if (x->refusal_len == 0 || xml_new(&handler, e, HTTP_REFUSAL, &xml))
		return;
	if (xml_feed(xml, x->refusal, x->refusal_len) == 0)
		(void)!xml_end(xml);
	xml_free(xml);
}

/* An answer to HEAD has no body: the code is in a header, too. */
void azure_errors_explain(const struct http_exchange *x, char code[REST_CODE],
			  char message[256])
{
	struct explanation e = { .code = code, .message = message };
	const char *header;
	size_t len;

	code[0] = message[0] = '\0';
	read_body(x, &e);
	header = http_reply_header(x, "x-ms-error-code", &len);
	if (header)
		snprintf(code, REST_CODE, "%.*s", (int)MIN(len, REST_CODE - 1),
			 header);
}
