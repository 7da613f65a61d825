#include "backends/aws_sts_answer.h"

#include "backends/strbuf.h"
#include "backends/when.h"
#include "backends/xml.h"

#include <errno.h>
#include <string.h>

#define ANSWER_MAX 65536

/* ---- What it says ------------------------------------------------------- */

struct result {
	char *id, *secret, *token, *expires, *code;
};

static void clear(struct result *r)
{
	strbuf_wipe(r->id);
	strbuf_wipe(r->secret);
	strbuf_wipe(r->token);
	strbuf_wipe(r->expires);
	strbuf_wipe(r->code);
}

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), n = strlen(end);

	return len >= n && !strcmp(text + len - n, end);
}

static int on_end(void *arg, const char *path, const char *text, size_t len)
{
	static const struct {
		const char *path;
		size_t place;
	} wanted[] = {
		{ "Result/Credentials/AccessKeyId",
		  offsetof(struct result, id) },
		{ "Result/Credentials/SecretAccessKey",
		  offsetof(struct result, secret) },
		{ "Result/Credentials/SessionToken",
		  offsetof(struct result, token) },
		{ "Result/Credentials/Expiration",
		  offsetof(struct result, expires) },
		{ "Error/Code", offsetof(struct result, code) },
	};

	(void)len;
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
		char **place = (char **)((char *)arg + wanted[i].place);

		if (!ends_with(path, wanted[i].path))
			continue;
		strbuf_wipe(*place);
		*place = strdup(text);
		return *place ? 0 : -ENOMEM;
	}
	return 0;
}

static int parse(const char *text, size_t len, struct result *out)
{
	static const struct xml_handler handler = { .end = on_end };
	struct xml *x;
	int rc = xml_new(&handler, out, ANSWER_MAX, &x);

	if (rc)
		return rc;
	rc = xml_feed(x, text, len);
	if (rc == 0)
		rc = xml_end(x);
	xml_free(x);
	return rc;
}

static int take_keys(const struct result *r, struct aws_found *out)
{
	int rc = aws_found_set(out, r->id, r->secret, r->token);

	if (rc)
		return rc;
	if (out->token && r->expires &&
	    !when_rfc3339(r->expires, strlen(r->expires), &out->expires))
		return 0;
	aws_found_clear(out);
	return -EBADMSG;
}

int aws_sts_answer_keys(const char *text, size_t len, struct aws_found *out)
{
	struct result r = { 0 };
	int rc = parse(text, len, &r);

	if (rc == 0)
		rc = take_keys(&r, out);
	clear(&r);
	return rc;
}

/* ---- Refusals ----------------------------------------------------------- */

/* The codes that are known, and what they mean; others are not repeated. */
static const struct aws_sts_refusal refusals[] = {
	{ "AccessDenied",
	  "whoever asks may not have this role, or there is none", false },
	{ "ExpiredToken", "the token that asks has expired", false },
	{ "ExpiredTokenException", "the token that asks has expired", false },
	{ "IDPCommunicationError", "STS cannot reach the identity provider",
	  true },
	{ "IDPRejectedClaim", "the identity provider said no", false },
	{ "InvalidClientTokenId", "the key that asks is not known", false },
	{ "InvalidIdentityToken", "the token that asks is not valid", false },
	{ "RegionDisabledException", "STS is switched off in this region",
	  false },
	{ "RequestExpired", "this machine's clock is wrong", false },
	{ "RequestLimitExceeded", "too many requests", true },
	{ "SignatureDoesNotMatch", "the key that asks has a wrong secret",
	  false },
	{ "Throttling", "too many requests", true },
	{ "ThrottlingException", "too many requests", true },
	{ "ValidationError",
	  "role_arn, session name, external id or duration is not valid",
	  false },
};

const struct aws_sts_refusal *aws_sts_answer_refusal(const char *text,
						     size_t len)
{
	struct result r = { 0 };
	const struct aws_sts_refusal *found = NULL;

	if (parse(text, len, &r) == 0 && r.code)
		for (size_t i = 0; i < ARRAY_SIZE(refusals) && !found; i++)
			if (!strcmp(refusals[i].code, r.code))
				found = &refusals[i];
	clear(&r);
	return found;
}
