#include "backends/aws_found.h"

#include "backends/answer.h"
#include "backends/strbuf.h"
#include "backends/when.h"

#include <errno.h>
#include <string.h>

bool aws_found_is_plain(const char *text)
{
	for (; *text; text++)
		if (*text <= ' ' || *text > '~')
			return false;
	return true;
}

int aws_found_set(struct aws_found *f, const char *id, const char *secret,
		  const char *token)
{
	aws_found_clear(f);
	if (!id || !*id || !secret || !*secret || !aws_found_is_plain(id) ||
	    !aws_found_is_plain(secret) ||
	    (token && !aws_found_is_plain(token)))
		return -EBADMSG;
	f->id = strdup(id);
	f->secret = strdup(secret);
	f->token = token && *token ? strdup(token) : NULL;
	if (f->id && f->secret && (f->token || !token || !*token))
		return 0;
	aws_found_clear(f);
	return -ENOMEM;
}

static int set_answer(struct aws_found *f, const struct answer *a,
		      const char *token)
{
	const char *expires = answer_text(a, "Expiration");
	int rc = aws_found_set(f, answer_text(a, "AccessKeyId"),
			       answer_text(a, "SecretAccessKey"),
			       answer_text(a, token));

	if (rc == 0 && expires &&
	    when_rfc3339(expires, strlen(expires), &f->expires))
		rc = -EBADMSG;
	if (rc)
		aws_found_clear(f);
	return rc;
}

int aws_found_set_json(struct aws_found *f, const char *text, size_t len,
		       const char *token)
{
	struct answer *a;
	int rc = answer_new(text, len, &a);

	if (rc)
		return rc;
	rc = set_answer(f, a, token);
	answer_free(a);
	return rc;
}

void aws_found_clear(struct aws_found *f)
{
	strbuf_wipe(TAKE(f->id));
	strbuf_wipe(TAKE(f->secret));
	strbuf_wipe(TAKE(f->token));
	f->expires = 0;
}
