#include "backends/azure_found.h"

#include "backends/sharedkey.h"
#include "backends/strbuf.h"

#include <errno.h>
#include <string.h>

static int copy(const char *text, char **out)
{
	if (!text || !*text)
		return -EBADMSG;
	for (const char *p = text; *p; p++)
		if (*p <= ' ' || *p > '~')
			return -EBADMSG;
	strbuf_wipe(*out);
	*out = strdup(text);
	return *out ? 0 : -ENOMEM;
}

int azure_found_key(struct azure_found *f, const char *key)
{
	char signature[SHAREDKEY_SIGNATURE];

	if (key && sharedkey_signature(key, "", signature) < 0)
		return -EBADMSG;
	return copy(key, &f->key);
}

int azure_found_sas(struct azure_found *f, const char *sas)
{
	return copy(sas && *sas == '?' ? sas + 1 : sas, &f->sas);
}

int azure_found_token(struct azure_found *f, const char *token, int64_t expires)
{
	f->expires = expires;
	return copy(token, &f->token);
}

void azure_found_clear(struct azure_found *f)
{
	strbuf_wipe(f->key);
	strbuf_wipe(f->sas);
	strbuf_wipe(f->token);
	strbuf_wipe(f->account);
	strbuf_wipe(f->endpoint);
	*f = (struct azure_found){ 0 };
}
