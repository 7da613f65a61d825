#include "backends/azure_credentials.h"

#include "backends/azure_source.h"
#include "backends/renewal.h"
#include "backends/rest.h"
#include "backends/sharedkey.h"
#include "backends/strbuf.h"
#include "backends/when.h"
#include "base/log.h"

#include <errno.h>
#include <string.h>

struct azure_credentials {
	struct azure_setup *setup;
	const struct azure_source *source;
	struct azure_found found; /* but for the token constant */
	bool bearer;		  /* there is a token */

	struct renewal renewal;	  /* its lock guards the token */
	struct azure_found fresh; /* of the thread that asks */
};

/* ---- The token ---------------------------------------------------------- */

/* -ENOENT is not said, any other error is. */
static int ask(const struct azure_source *source, const struct azure_setup *s,
	       struct azure_found *out)
{
	int rc = source->find(s, out);

	if (rc == 0 && out->token && out->expires <= azure_setup_now(s))
		rc = log_fail(-EKEYEXPIRED, "Azure token (%s)", source->name);
	if (rc)
		azure_found_clear(out);
	return rc;
}

static int ask_again(void *owner)
{
	struct azure_credentials *c = owner;
	int rc = ask(c->source, c->setup, &c->fresh);

	if (rc == -ENOENT)
		log_fail(rc, "Azure token (%s)", c->source->name);
	return rc;
}

/* Calls that were under way with a token that was refused may say so later, but
 * do not mean this one. */
static bool take(void *owner, int64_t *expires)
{
	struct azure_credentials *c = owner;

	strbuf_wipe(c->found.token);
	c->found.token = TAKE(c->fresh.token);
	c->found.expires = c->fresh.expires;
	*expires = c->found.expires;
	azure_found_clear(&c->fresh);
	return true;
}

static int64_t now(const void *owner)
{
	return azure_setup_now(
		((const struct azure_credentials *)owner)->setup);
}

static const struct renewal_ops ops = {
	.what = "Azure token",
	.now = now,
	.ask = ask_again,
	.take = take,
};

void azure_credentials_expire(struct azure_credentials *c)
{
	LOCKED(&c->renewal.lock);

	if (c->bearer)
		renewal_refuse(&c->renewal);
}

/* ---- Signing ------------------------------------------------------------ */

static int say_too_long(int rc)
{
	return rc == -EMSGSIZE ?
		       log_fail(rc, "what makes the request authentic") :
		       rc;
}

static int sign_with_token(struct azure_credentials *c,
			   struct rest_request *request)
{
	LOCKED(&c->renewal.lock);
	int rc = renewal_ensure(&c->renewal);

	if (rc)
		return rc;
	return say_too_long(rest_add_header(request, "Authorization: Bearer %s",
					    c->found.token));
}

static int sign_with_sas(const struct azure_credentials *c,
			 struct rest_request *request)
{
	size_t room = sizeof(request->strings) - request->used;
	char *query = request->strings + request->used;
	const char *asked = request->query ? request->query : "";
	int len;

	len = snprintf(query, room, "%s%s%s", asked, *asked ? "&" : "",
		       c->found.sas);
	if (len < 0 || (size_t)len >= room)
		return say_too_long(-EMSGSIZE);
	request->used += (size_t)len + 1;
	request->query = query;
	return 0;
}

static const char *account_of(const struct azure_credentials *c)
{
	return c->found.account ? c->found.account :
				  azure_setup_account(c->setup);
}

static int sign_with_key(const struct azure_credentials *c,
			 const struct rest_call *call,
			 struct rest_request *request)
{
	const struct sharedkey_request r = {
		.method = http_method_name(call->method),
		.account = account_of(c),
		.path = call->path,
		.query = request->query,
		.headers = request->headers,
		.content_length = http_body_bytes(call->body, call->n_body),
	};
	char signature[SHAREDKEY_SIGNATURE];
	AUTO_FREE char *text = NULL;
	int rc;

	rc = sharedkey_string_to_sign(&r, &text);
	if (rc == 0)
		rc = sharedkey_signature(c->found.key, text, signature);
	if (rc)
		return log_fail(rc, "sign a request to Azure");
	return say_too_long(rest_add_header(request,
					    "Authorization: SharedKey %s:%s",
					    r.account, signature));
}

int azure_credentials_sign(struct azure_credentials *c,
			   const struct rest_call *call,
			   struct rest_request *request)
{
	char date[WHEN_HTTP_SIZE];
	int rc;

	if (c->found.sas)
		return sign_with_sas(c, request);
	when_print_http(azure_setup_now(c->setup), date);
	rc = say_too_long(rest_add_header(request, "x-ms-date: %s", date));
	if (rc)
		return rc;
	return c->bearer ? sign_with_token(c, request) :
			   sign_with_key(c, call, request);
}

/* ---- What is known ------------------------------------------------------ */

const char *azure_credentials_source(const struct azure_credentials *c)
{
	return c->source->name;
}

const char *azure_credentials_account(const struct azure_credentials *c)
{
	const char *account = account_of(c);

	return *account ? account : NULL;
}

const char *azure_credentials_endpoint(const struct azure_credentials *c)
{
	return c->found.endpoint;
}

const char *azure_credentials_sas(const struct azure_credentials *c)
{
	return c->found.sas;
}

/* ---- Making ------------------------------------------------------------- */

static int say_where(void)
{
	AUTO_STRBUF struct strbuf b = { 0 };

	for (size_t i = 0; azure_source_all[i]; i++)
		strbuf_printf(&b, "%s%s", i ? ", " : "",
			      azure_source_all[i]->name);
	return log_fail(-ENOENT, "no credentials for Azure anywhere (%s)",
			b.text ? b.text : "");
}

static int choose(struct azure_credentials *c)
{
	int rc = -ENOENT;

	for (size_t i = 0; rc == -ENOENT && azure_source_all[i]; i++) {
		c->source = azure_source_all[i];
		rc = ask(c->source, c->setup, &c->found);
	}
	c->bearer = c->found.token != NULL;
	c->renewal.expires = c->found.expires;
	return rc == -ENOENT ? say_where() : rc;
}

int azure_credentials_new(const struct azure_credentials_options *options,
			  struct azure_credentials **out)
{
	struct azure_credentials *c = calloc(1, sizeof(*c));
	int rc;

	if (!c)
		return -ENOMEM;
	renewal_init(&c->renewal, &ops, c);
	rc = azure_setup_new(options, &c->setup);
	if (rc == 0)
		rc = choose(c);
	if (rc)
		goto fail;
	*out = c;
	return 0;
fail:
	azure_credentials_free(c);
	return rc;
}

void azure_credentials_free(struct azure_credentials *c)
{
	if (!c)
		return;
	azure_found_clear(&c->found);
	azure_setup_free(c->setup);
	renewal_destroy(&c->renewal);
	free(c);
}
