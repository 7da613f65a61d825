#include "backends/azure_credentials.h"

#include "backends/azure_source.h"
#include "backends/rest.h"
#include "backends/sharedkey.h"
#include "backends/strbuf.h"
#include "backends/when.h"
#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define EARLY_SECONDS 300 /* replace a token so long before it expires */

/* Do not ask again so soon: neither while the old token is good still, nor when
 * there is none, lest every call waits for a source that is down. */
#define PAUSE_GOOD_SECONDS 60
#define PAUSE_NONE_SECONDS 10

struct azure_credentials {
	struct azure_setup *setup;
	const struct azure_source *source;
	struct azure_found found; /* but for the token constant */
	bool bearer;		  /* there is a token */

	pthread_mutex_t lock; /* of all that follows, and of the token */
	pthread_cond_t fetched;
	bool fetching;	    /* one thread is at it */
	bool refused;	    /* a server does not take the token any more */
	int64_t sure_until; /* until then refusals do not count */
	int64_t again_at;   /* the source is not asked before */
	int error;	    /* of the last time */
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

static bool usable(const struct azure_credentials *c, int64_t now)
{
	return !c->refused && now < c->found.expires;
}

static bool due(const struct azure_credentials *c, int64_t now)
{
	return (c->refused || now >= c->found.expires - EARLY_SECONDS) &&
	       now >= c->again_at;
}

/* When to ask again while the token at hand is good. */
static int64_t after_pause(const struct azure_credentials *c, int64_t now)
{
	return MIN(now + PAUSE_GOOD_SECONDS, c->found.expires);
}

/* Calls that were under way with a token that was refused may say so later, but
 * do not mean this one. */
static void take(struct azure_credentials *c, struct azure_found *fresh,
		 int64_t now)
{
	char *old = c->found.token;

	c->found.token = fresh->token;
	c->found.expires = fresh->expires;
	fresh->token = old;
	if (c->refused)
		c->sure_until = now + PAUSE_NONE_SECONDS;
	c->refused = false;
	c->again_at = after_pause(c, now);
}

static void go_without(struct azure_credentials *c, int64_t now)
{
	if (!usable(c, now)) {
		c->again_at = now + PAUSE_NONE_SECONDS;
		return;
	}
	if (c->error != -ECANCELED)
		log_warn("going on with the old Azure token, good for another "
			 "%" PRId64 " s",
			 c->found.expires - now);
	c->again_at = after_pause(c, now);
}

/* With the lock held, but for the time in which the source is asked. */
static void fetch(struct azure_credentials *c)
{
	struct azure_found fresh = { 0 };
	int64_t now;
	int rc;

	c->fetching = true;
	pthread_mutex_unlock(&c->lock);
	rc = ask(c->source, c->setup, &fresh);
	if (rc == -ENOENT)
		log_fail(rc, "Azure token (%s)", c->source->name);
	pthread_mutex_lock(&c->lock);
	now = azure_setup_now(c->setup);
	c->fetching = false;
	c->error = rc;
	if (rc == 0)
		take(c, &fresh, now);
	else
		go_without(c, now);
	azure_found_clear(&fresh);
	pthread_cond_broadcast(&c->fetched);
}

static int why_not(const struct azure_credentials *c)
{
	return c->error == -ECANCELED || c->error == -ENOMEM ? c->error :
							       -EACCES;
}

/* With the lock held.  Whoever waited may find the new token refused already:
 * it all begins again, until the source gives none, or nothing is due. */
static int have_token(struct azure_credentials *c)
{
	for (;;) {
		int64_t now = azure_setup_now(c->setup);

		if (!c->fetching && due(c, now))
			fetch(c);
		else if (usable(c, now))
			return 0;
		else if (c->fetching)
			pthread_cond_wait(&c->fetched, &c->lock);
		else
			return why_not(c);
	}
}

void azure_credentials_expire(struct azure_credentials *c)
{
	LOCKED(&c->lock);

	if (!c->bearer || c->refused ||
	    azure_setup_now(c->setup) < c->sure_until)
		return;
	c->refused = true;
	c->again_at = 0;
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
	LOCKED(&c->lock);
	int rc = have_token(c);

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

static const char *method_of(const struct rest_call *call)
{
	static const char *const names[] = {
		[HTTP_GET] = "GET",	  [HTTP_HEAD] = "HEAD",
		[HTTP_PUT] = "PUT",	  [HTTP_POST] = "POST",
		[HTTP_DELETE] = "DELETE",
	};

	return names[call->method];
}

static uint64_t length_of(const struct rest_call *call)
{
	uint64_t len = 0;

	for (size_t i = 0; i < call->n_body; i++)
		len += call->body[i].len;
	return len;
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
		.method = method_of(call),
		.account = account_of(c),
		.path = call->path,
		.query = request->query,
		.headers = request->headers,
		.content_length = length_of(call),
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
	return rc == -ENOENT ? say_where() : rc;
}

int azure_credentials_new(const struct azure_credentials_options *options,
			  struct azure_credentials **out)
{
	struct azure_credentials *c = calloc(1, sizeof(*c));
	int rc;

	if (!c)
		return -ENOMEM;
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->fetched, NULL);
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
	pthread_cond_destroy(&c->fetched);
	pthread_mutex_destroy(&c->lock);
	free(c);
}
