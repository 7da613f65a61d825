/* Tokens for the identity that a machine or an application in Azure has: from
 * App Service's endpoint (Functions, Container Apps), or from the instance
 * metadata service of virtual machines and of pods.
 *
 * Source: "How to use managed identities for App Service", Azure App Service
 * documentation; "How to use managed identities for Azure resources on an Azure
 * VM to acquire an access token", Microsoft Entra documentation. */
#include "backends/azure_source.h"

#include "backends/azure_token.h"
#include "backends/strbuf.h"
#include "base/log.h"

#include <errno.h>
#include <string.h>

#define METADATA "http://169.254.169.254"
#define METADATA_PATH "/metadata/identity/oauth2/token"
#define METADATA_VERSION "2018-02-01"
#define APP_SERVICE_VERSION "2019-08-01"
#define PROBE_MS 1000 /* elsewhere nobody answers: that must not hang */

/* client: which of several identities; or NULL */
static int build_url(const char *base, const char *path, const char *version,
		     const char *client, char **out)
{
	AUTO_STRBUF struct strbuf b = { 0 };
	size_t len = strlen(base);

	while (len && base[len - 1] == '/')
		len--;
	strbuf_add(&b, base, len);
	strbuf_printf(&b, "%s%sapi-version=%s&resource=", path,
		      memchr(base, '?', len) ? "&" : "?", version);
	strbuf_uri(&b, AZURE_TOKEN_RESOURCE, false);
	if (client) {
		strbuf_puts(&b, "&client_id=");
		strbuf_uri(&b, client, false);
	}
	return strbuf_take(&b, out);
}

/* ---- App Service -------------------------------------------------------- */

static int ask_app_service(const struct azure_setup *s, const char *endpoint,
			   const char *header, struct azure_found *out)
{
	AUTO_WIPE char *secret = NULL;
	AUTO_FREE char *url = NULL;
	const char *headers[] = { NULL, NULL };
	struct ask_question q = {
		.who = "managed identity",
		.headers = headers,
		.direct = true,
		.timeout_ms = s->options.answer_ms,
	};
	int rc;

	rc = build_url(endpoint, "", APP_SERVICE_VERSION,
		       azure_setup_variable(s, "AZURE_CLIENT_ID"), &url);
	if (rc)
		return rc;
	if (asprintf(&secret, "X-IDENTITY-HEADER: %s", header) < 0) {
		secret = NULL;
		return -ENOMEM;
	}
	headers[0] = secret;
	q.url = url;
	return azure_token_ask(s, &q, out);
}

/* ---- Instance metadata -------------------------------------------------- */

static const char *const metadata_headers[] = { "Metadata: true", NULL };

/* Azure's service refuses who does not say that metadata is meant; other
 * clouds have something else at this address. */
static int probe(const struct azure_setup *s, const char *url)
{
	const struct ask_question q = {
		.who = "managed identity",
		.url = url,
		.direct = true,
		.tries = 1,
		.timeout_ms = s->options.answer_ms ? s->options.answer_ms :
						     PROBE_MS,
	};
	struct ask_answer a;
	int rc;

	rc = ask_server(s->options.http, s->options.stop, &q, &a);
	if (rc == 0 && a.status != 400)
		rc = -ENOENT;
	ask_clear(&a);
	return rc == 0 || rc == -ECANCELED || rc == -ENOMEM ? rc : -ENOENT;
}

/* A new identity is not known everywhere at once, and the service is sometimes
 * being renewed. */
static bool may_pass(int status, const char *text)
{
	(void)text;
	return status == 404 || status == 410;
}

/* A machine without an identity is no reason not to ask the CLI; who named the
 * service wants to know. */
static int ask_metadata(const struct azure_setup *s, const char *url,
			bool named, struct azure_found *out)
{
	const struct ask_question q = {
		.who = "managed identity",
		.url = url,
		.headers = metadata_headers,
		.direct = true,
		.timeout_ms = s->options.answer_ms,
		.again = may_pass,
	};
	struct ask_answer a;
	int rc;

	rc = ask_server(s->options.http, s->options.stop, &q, &a);
	if (rc)
		return ask_fail(&q, rc, &a);
	rc = a.status == 400 && !named ? -ENOENT :
					 azure_token_take(s, &q, &a, out);
	ask_clear(&a);
	return rc;
}

static int find_metadata(const struct azure_setup *s, struct azure_found *out)
{
	const char *host =
		azure_setup_variable(s, "AZURE_POD_IDENTITY_AUTHORITY_HOST");
	AUTO_FREE char *url = NULL;
	int rc;

	rc = build_url(host ? host : METADATA, METADATA_PATH, METADATA_VERSION,
		       azure_setup_variable(s, "AZURE_CLIENT_ID"), &url);
	if (rc == 0 && !host)
		rc = probe(s, url);
	return rc ? rc : ask_metadata(s, url, host, out);
}

static int find(const struct azure_setup *s, struct azure_found *out)
{
	const char *endpoint = azure_setup_variable(s, "IDENTITY_ENDPOINT");
	const char *header = azure_setup_variable(s, "IDENTITY_HEADER");

	if (endpoint && header)
		return ask_app_service(s, endpoint, header, out);
	return find_metadata(s, out);
}

const struct azure_source azure_source_managed = {
	.name = "managed identity",
	.find = find,
};
