/* Tokens from Microsoft's identity platform for who can prove to be a certain
 * application: with a secret of its own (service principal), or with a token of
 * another identity provider in a file (workload identity, as pods of AKS have).
 *
 * Source: "Microsoft identity platform and the OAuth 2.0 client credentials
 * flow", Microsoft Entra documentation. */
#include "backends/azure_source.h"

#include "backends/azure_token.h"
#include "backends/dotenv.h"
#include "backends/secret.h"
#include "backends/strbuf.h"
#include "base/log.h"

#include <errno.h>
#include <string.h>

#define AUTHORITY "https://login.microsoftonline.com"
#define ASSERTION_MAX 65536

struct applicant {
	const char *tenant, *client;
	const char *proof; /* a secret or an assertion */
	bool asserts;
};

/* ---- The question ------------------------------------------------------- */

/* The proof goes there: over TLS only. */
static int build_url(const struct azure_setup *s, const char *tenant,
		     char **out)
{
	const char *base = azure_setup_variable(s, "AZURE_AUTHORITY_HOST");
	AUTO_STRBUF struct strbuf b = { 0 };
	size_t len;

	base = base ? base : AUTHORITY;
	if (!strstr(base, "://"))
		strbuf_puts(&b, "https://");
	else if (strncmp(base, "https://", 8) != 0)
		return log_invalid("AZURE_AUTHORITY_HOST must be https");
	for (len = strlen(base); len && base[len - 1] == '/';)
		len--;
	strbuf_add(&b, base, len);
	strbuf_putc(&b, '/');
	strbuf_uri(&b, tenant, false);
	strbuf_puts(&b, "/oauth2/v2.0/token");
	return strbuf_take(&b, out);
}

static void put(struct strbuf *b, const char *name, const char *value)
{
	strbuf_printf(b, "%s%s=", b->len ? "&" : "", name);
	strbuf_uri(b, value, false);
}

static int build_body(const struct applicant *who, char **out)
{
	AUTO_STRBUF struct strbuf b = { 0 };

	put(&b, "grant_type", "client_credentials");
	put(&b, "client_id", who->client);
	put(&b, "scope", AZURE_TOKEN_RESOURCE ".default");
	if (who->asserts)
		put(&b, "client_assertion_type",
		    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
	put(&b, who->asserts ? "client_assertion" : "client_secret",
	    who->proof);
	return strbuf_take(&b, out);
}

static int ask(const struct azure_setup *s, const struct applicant *who,
	       struct azure_found *out)
{
	static const char *const headers[] = {
		"Content-Type: application/x-www-form-urlencoded",
		"Accept: application/json", NULL
	};
	struct ask_question q = {
		.who = "Microsoft's login",
		.method = HTTP_POST,
		.headers = headers,
		.timeout_ms = s->options.answer_ms,
	};
	AUTO_FREE char *url = NULL;
	AUTO_WIPE char *body = NULL;
	int rc;

	rc = build_url(s, who->tenant, &url);
	if (rc == 0)
		rc = build_body(who, &body);
	if (rc)
		return rc;
	q.url = url;
	q.body = body;
	return azure_token_ask(s, &q, out);
}

/* ---- Service principal -------------------------------------------------- */

/* All of it comes from one place. */
static int ask_with_secret(const struct azure_setup *s,
			   char *const *environment, struct azure_found *out)
{
	const struct applicant who = {
		.tenant = dotenv_get(environment, "AZURE_TENANT_ID"),
		.client = dotenv_get(environment, "AZURE_CLIENT_ID"),
		.proof = dotenv_get(environment, "AZURE_CLIENT_SECRET"),
	};

	if (!who.proof)
		return -ENOENT;
	if (!who.tenant || !who.client)
		return log_invalid("AZURE_CLIENT_SECRET needs AZURE_TENANT_ID "
				   "and AZURE_CLIENT_ID");
	return ask(s, &who, out);
}

static int find_secret(const struct azure_setup *s, struct azure_found *out)
{
	int rc = ask_with_secret(s, s->options.environment, out);

	return rc == -ENOENT ? ask_with_secret(s, s->dotenv, out) : rc;
}

const struct azure_source azure_source_login_secret = {
	.name = "service principal",
	.find = find_secret,
};

/* ---- Workload identity -------------------------------------------------- */

static void trim(char *text)
{
	size_t len = strlen(text);

	while (len && strchr(" \t\r\n", text[len - 1]))
		text[--len] = '\0';
}

/* The file is replaced from time to time: it is read anew each time. */
static int find_assertion(const struct azure_setup *s, struct azure_found *out)
{
	const char *path =
		azure_setup_variable(s, "AZURE_FEDERATED_TOKEN_FILE");
	struct applicant who = {
		.tenant = azure_setup_variable(s, "AZURE_TENANT_ID"),
		.client = azure_setup_variable(s, "AZURE_CLIENT_ID"),
		.asserts = true,
	};
	AUTO_WIPE char *text = NULL;
	int rc;

	if (!path)
		return -ENOENT;
	if (!who.tenant || !who.client)
		return log_invalid("AZURE_FEDERATED_TOKEN_FILE needs "
				   "AZURE_TENANT_ID and AZURE_CLIENT_ID");
	rc = secret_read(path, ASSERTION_MAX, &text);
	if (rc) {
		log_fail(rc, "read %s", path);
		return rc == -ENOENT ? -EACCES : rc; /* look no further */
	}
	trim(text);
	who.proof = text;
	return ask(s, &who, out);
}

const struct azure_source azure_source_login_assertion = {
	.name = "workload identity",
	.find = find_assertion,
};
