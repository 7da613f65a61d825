#include "backends/azure_connection.h"

#include "backends/strbuf.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

/* Azurite's, which its documentation tells everybody. */
#define DEVELOPMENT_ACCOUNT "devstoreaccount1"
#define DEVELOPMENT_KEY                                                        \
	"Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/"      \
	"K1SZFPTOtr/KBHBeksoGMGw=="

enum part {
	PART_ACCOUNT,
	PART_KEY,
	PART_SAS,
	PART_ENDPOINT,
	PART_PROTOCOL,
	PART_SUFFIX,
	PART_DEVELOPMENT,
	PART_PROXY,
	PARTS,
};

struct parts {
	const char *value[PARTS]; /* does not end with NUL; or NULL */
	size_t len[PARTS];
};

/* ---- Taking it apart ---------------------------------------------------- */

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static void trim(const char **text, size_t *len)
{
	while (*len && is_space(**text)) {
		++*text;
		--*len;
	}
	while (*len && is_space((*text)[*len - 1]))
		--*len;
}

static void keep(struct parts *p, const char *name, size_t name_len,
		 const char *value, size_t len)
{
	static const char *const names[] = {
		[PART_ACCOUNT] = "AccountName",
		[PART_KEY] = "AccountKey",
		[PART_SAS] = "SharedAccessSignature",
		[PART_ENDPOINT] = "BlobEndpoint",
		[PART_PROTOCOL] = "DefaultEndpointsProtocol",
		[PART_SUFFIX] = "EndpointSuffix",
		[PART_DEVELOPMENT] = "UseDevelopmentStorage",
		[PART_PROXY] = "DevelopmentStorageProxyUri",
	};

	for (size_t i = 0; i < PARTS; i++) {
		size_t mark = i == PART_SAS && len && *value == '?';

		if (len == mark || name_len != strlen(names[i]) ||
		    strncasecmp(name, names[i], name_len) != 0)
			continue;
		p->value[i] = value + mark;
		p->len[i] = len - mark;
	}
}

/* A value goes into headers, or into a URL. */
static bool is_plain(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] <= ' ' || text[i] > '~')
			return false;
	return true;
}

static const char *take_part(struct parts *p, const char *text, size_t len)
{
	const char *equals, *value;
	size_t name_len, value_len;

	trim(&text, &len);
	if (len == 0)
		return NULL;
	equals = memchr(text, '=', len);
	if (!equals || equals == text)
		return "not all of it is Name=value;";
	name_len = (size_t)(equals - text);
	value = equals + 1;
	value_len = len - name_len - 1;
	trim(&text, &name_len);
	trim(&value, &value_len);
	if (!is_plain(value, value_len))
		return "there is a space or an odd character in a value";
	keep(p, text, name_len, value, value_len);
	return NULL;
}

static const char *take_parts(const char *text, struct parts *p)
{
	const char *why = NULL;

	while (*text && !why) {
		size_t len = strcspn(text, ";");

		why = take_part(p, text, len);
		text += len + (text[len] == ';');
	}
	return why;
}

/* ---- What it means ------------------------------------------------------ */

static bool has(const struct parts *p, enum part part)
{
	return p->value[part] != NULL;
}

static bool is(const struct parts *p, enum part part, const char *what)
{
	return p->len[part] == strlen(what) &&
	       !strncasecmp(p->value[part], what, p->len[part]);
}

static void put(struct strbuf *b, const struct parts *p, enum part part,
		const char *standard)
{
	if (has(p, part))
		strbuf_add(b, p->value[part], p->len[part]);
	else
		strbuf_puts(b, standard);
}

static void put_endpoint(struct strbuf *b, const struct parts *p)
{
	if (has(p, PART_ENDPOINT)) {
		put(b, p, PART_ENDPOINT, "");
	} else if (has(p, PART_DEVELOPMENT)) {
		put(b, p, PART_PROXY, "http://127.0.0.1");
		strbuf_puts(b, ":10000/" DEVELOPMENT_ACCOUNT);
	} else if (has(p, PART_ACCOUNT)) {
		put(b, p, PART_PROTOCOL, "https");
		strbuf_puts(b, "://");
		put(b, p, PART_ACCOUNT, "");
		strbuf_puts(b, ".blob.");
		put(b, p, PART_SUFFIX, "core.windows.net");
	}
	while (b->len && b->text[b->len - 1] == '/')
		b->text[--b->len] = '\0';
}

/* *out stays NULL if there is nothing to say. */
static int take_text(struct strbuf *b, int rc, char **out)
{
	if (rc == 0 && b->len)
		return strbuf_take(b, out);
	rc = rc ? rc : b->error;
	strbuf_clear(b);
	return rc;
}

static int fill(const struct parts *p, struct azure_connection *c)
{
	bool development = has(p, PART_DEVELOPMENT);
	struct strbuf b = { 0 };
	int rc;

	put(&b, p, PART_ACCOUNT, development ? DEVELOPMENT_ACCOUNT : "");
	rc = take_text(&b, 0, &c->account);
	put(&b, p, PART_KEY, development ? DEVELOPMENT_KEY : "");
	rc = take_text(&b, rc, &c->key);
	put_endpoint(&b, p);
	rc = take_text(&b, rc, &c->endpoint);
	put(&b, p, PART_SAS, "");
	return take_text(&b, rc, &c->sas);
}

static const char *check(const struct parts *p)
{
	if (has(p, PART_DEVELOPMENT))
		return is(p, PART_DEVELOPMENT, "true") ?
			       NULL :
			       "UseDevelopmentStorage can only be true";
	if (has(p, PART_PROTOCOL) && !is(p, PART_PROTOCOL, "http") &&
	    !is(p, PART_PROTOCOL, "https"))
		return "DefaultEndpointsProtocol is http or https";
	if (has(p, PART_KEY) && !has(p, PART_ACCOUNT))
		return "AccountKey needs AccountName";
	if (!has(p, PART_KEY) && !has(p, PART_SAS))
		return "there is neither AccountKey nor SharedAccessSignature";
	return NULL;
}

int azure_connection_parse(const char *text, struct azure_connection *out,
			   const char **why)
{
	struct parts p = { 0 };
	int rc;

	*out = (struct azure_connection){ 0 };
	*why = take_parts(text, &p);
	if (!*why)
		*why = check(&p);
	if (*why)
		return -EINVAL;
	rc = fill(&p, out);
	if (rc)
		azure_connection_clear(out);
	return rc;
}

void azure_connection_clear(struct azure_connection *c)
{
	strbuf_wipe(c->account);
	strbuf_wipe(c->key);
	strbuf_wipe(c->sas);
	strbuf_wipe(c->endpoint);
	*c = (struct azure_connection){ 0 };
}
