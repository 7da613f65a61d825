#include "backends/aws_credentials.h"

#include "backends/aws_source.h"
#include "backends/renewal.h"
#include "base/log.h"

#include <errno.h>
#include <string.h>

struct aws_credentials {
	struct aws_setup *setup;
	const struct aws_source *source;
	char name[128]; /* of the source */

	struct renewal renewal; /* its lock guards the keys */
	struct aws_found keys;
	struct aws_found fresh; /* of the thread that asks */
};

/* ---- Fetching ----------------------------------------------------------- */

/* 1: here they are; 0: it has none; or an error that has been said. */
static int ask(const struct aws_source *source, const struct aws_setup *s,
	       struct aws_found *out)
{
	int rc = source->find(s, out);

	if (rc > 0 && out->expires && out->expires <= aws_setup_now(s))
		rc = log_fail(-EKEYEXPIRED, "AWS keys (%s)", source->name);
	if (rc <= 0)
		aws_found_clear(out);
	return rc;
}

static int ask_again(void *owner)
{
	struct aws_credentials *c = owner;
	int rc = ask(c->source, c->setup, &c->fresh);

	if (rc == 0)
		return log_fail(-EACCES, "no AWS keys any more (%s)", c->name);
	return MIN(rc, 0);
}

/* What a source gives again after it was refused, is all that it has. */
static bool take(void *owner, int64_t *expires)
{
	struct aws_credentials *c = owner;
	bool same = c->keys.id && c->fresh.id &&
		    !strcmp(c->keys.id, c->fresh.id);

	aws_found_clear(&c->keys);
	c->keys = c->fresh;
	c->fresh = (struct aws_found){ 0 };
	*expires = c->keys.expires;
	return same;
}

static int64_t now(const void *owner)
{
	return aws_setup_now(((const struct aws_credentials *)owner)->setup);
}

static const struct renewal_ops ops = {
	.what = "AWS keys",
	.now = now,
	.ask = ask_again,
	.take = take,
};

/* ---- Handing out -------------------------------------------------------- */

static int copy(const struct aws_found *f, struct aws_key **out)
{
	const struct sigv4_key key = {
		.id = f->id,
		.secret = f->secret,
		.token = f->token,
	};

	return aws_key_new(&key, f->expires, out);
}

int aws_credentials_get(struct aws_credentials *c, struct aws_key **out)
{
	LOCKED(&c->renewal.lock);
	int rc = renewal_ensure(&c->renewal);

	return rc ? rc : copy(&c->keys, out);
}

void aws_credentials_expire(struct aws_credentials *c, const char *key_id)
{
	LOCKED(&c->renewal.lock);

	if (c->keys.id && key_id && !strcmp(c->keys.id, key_id))
		renewal_refuse(&c->renewal);
}

const char *aws_credentials_source(const struct aws_credentials *c)
{
	return c->name;
}

const char *aws_credentials_region(const struct aws_credentials *c)
{
	return c->setup->region;
}

struct remote_endpoint aws_credentials_endpoint(const struct aws_credentials *c)
{
	return (struct remote_endpoint){ c->setup->endpoint,
					 c->setup->endpoint_by };
}

const char *aws_credentials_ca_file(const struct aws_credentials *c)
{
	return c->setup->ca_file;
}

/* ---- Making ------------------------------------------------------------- */

static int say_where(void)
{
	char where[512] = "";
	size_t len = 0;

	for (size_t i = 0; aws_source_all[i] && len < sizeof(where); i++)
		len += (size_t)snprintf(where + len, sizeof(where) - len,
					"%s%s", len ? ", " : "",
					aws_source_all[i]->name);
	return log_fail(
		-ENOENT,
		"no AWS keys anywhere (%s); for a public bucket, set "
		"dliofs.s3.anonymous: true, or AWS_NO_SIGN_REQUEST=true",
		where);
}

static int choose(struct aws_credentials *c)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && aws_source_all[i]; i++) {
		c->source = aws_source_all[i];
		if (!c->source->not_for_profile || !c->setup->options.profile)
			rc = ask(c->source, c->setup, &c->keys);
	}
	if (rc == 0)
		return say_where();
	snprintf(c->name, sizeof(c->name), "%s%s%s", c->source->name,
		 c->source->is_profile ? " " : "",
		 c->source->is_profile ? c->setup->profile : "");
	c->renewal.expires = c->keys.expires;
	return MIN(rc, 0);
}

int aws_credentials_new(const struct aws_credentials_options *options,
			struct aws_credentials **out)
{
	struct aws_credentials *c = calloc(1, sizeof(*c));
	int rc;

	if (!c)
		return -ENOMEM;
	renewal_init(&c->renewal, &ops, c);
	rc = aws_setup_new(options, &c->setup);
	if (rc == 0)
		rc = choose(c);
	if (rc)
		goto fail;
	*out = c;
	return 0;
fail:
	aws_credentials_free(c);
	return rc;
}

void aws_credentials_free(struct aws_credentials *c)
{
	if (!c)
		return;
	aws_found_clear(&c->keys);
	aws_setup_free(c->setup);
	renewal_destroy(&c->renewal);
	free(c);
}
