#include "backends/aws_found.h"

#include "backends/strbuf.h"

#include <errno.h>
#include <string.h>

/* Nothing but visible ASCII: it goes into headers as it is. */
static bool is_plain(const char *text)
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
	if (!id || !*id || !secret || !*secret || !is_plain(id) ||
	    !is_plain(secret) || (token && !is_plain(token)))
		return -EBADMSG;
	f->id = strdup(id);
	f->secret = strdup(secret);
	f->token = token && *token ? strdup(token) : NULL;
	if (f->id && f->secret && (f->token || !token || !*token))
		return 0;
	aws_found_clear(f);
	return -ENOMEM;
}

void aws_found_clear(struct aws_found *f)
{
	strbuf_wipe(TAKE(f->id));
	strbuf_wipe(TAKE(f->secret));
	strbuf_wipe(TAKE(f->token));
	f->expires = 0;
}
