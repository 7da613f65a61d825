#include "backends/aws_credentials.h"

#include "backends/aws_source.h"
#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define EARLY_SECONDS 300 /* replace keys so long before they expire */

/* Do not ask again so soon: neither while the old keys are good still, nor when
 * there are none, lest every call waits for a source that is down. */
#define PAUSE_GOOD_SECONDS 60
#define PAUSE_NONE_SECONDS 10

struct aws_credentials {
	struct aws_setup *setup;
	const struct aws_source *source;
	char name[128]; /* of the source */

	pthread_mutex_t lock; /* of all that follows */
	pthread_cond_t fetched;
	bool fetching; /* one thread is at it */
	struct aws_found keys;
	bool refused;	    /* a server does not take them any more */
	int64_t sure_until; /* until then refusals do not count */
	int64_t again_at;   /* the source is not asked before */
	int error;	    /* of the last time */
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

static bool usable(const struct aws_credentials *c, int64_t now)
{
	return !c->refused && (c->keys.expires == 0 || now < c->keys.expires);
}

static bool due(const struct aws_credentials *c, int64_t now)
{
	bool early = c->keys.expires && now >= c->keys.expires - EARLY_SECONDS;

	return (c->refused || early) && now >= c->again_at;
}

/* When to ask again while the keys at hand are good. */
static int64_t after_pause(const struct aws_credentials *c, int64_t now)
{
	return MIN(now + PAUSE_GOOD_SECONDS, c->keys.expires);
}

/* What a source gives again after it was refused, is all that it has. */
static void take(struct aws_credentials *c, struct aws_found *fresh,
		 int64_t now)
{
	struct aws_found old = c->keys;

	if (c->refused && old.id && fresh->id && !strcmp(old.id, fresh->id))
		c->sure_until = now + PAUSE_NONE_SECONDS;
	c->keys = *fresh;
	*fresh = old;
	c->refused = false;
	c->again_at = after_pause(c, now);
}

static void go_without(struct aws_credentials *c, int64_t now)
{
	if (!usable(c, now)) {
		c->again_at = now + PAUSE_NONE_SECONDS;
		return;
	}
	if (c->error != -ECANCELED)
		log_warn("going on with the old AWS keys, good for another "
			 "%" PRId64 " s",
			 c->keys.expires - now);
	c->again_at = after_pause(c, now);
}

/* With the lock held, but for the time in which the source is asked. */
static void fetch(struct aws_credentials *c)
{
	struct aws_found fresh = { 0 };
	int64_t now;
	int rc;

	c->fetching = true;
	pthread_mutex_unlock(&c->lock);
	rc = ask(c->source, c->setup, &fresh);
	if (rc == 0)
		rc = log_fail(-EACCES, "no AWS keys any more (%s)", c->name);
	pthread_mutex_lock(&c->lock);
	now = aws_setup_now(c->setup);
	c->fetching = false;
	c->error = rc;
	if (rc > 0)
		take(c, &fresh, now);
	else
		go_without(c, now);
	aws_found_clear(&fresh);
	pthread_cond_broadcast(&c->fetched);
}

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

static int why_not(const struct aws_credentials *c)
{
	return c->error == -ECANCELED || c->error == -ENOMEM ? c->error :
							       -EACCES;
}

/* Whoever waited may find the new keys refused already: it all begins again,
 * until the source gives none, or nothing is due. */
int aws_credentials_get(struct aws_credentials *c, struct aws_key **out)
{
	LOCKED(&c->lock);

	for (;;) {
		int64_t now = aws_setup_now(c->setup);

		if (!c->fetching && due(c, now))
			fetch(c);
		else if (usable(c, now))
			return copy(&c->keys, out);
		else if (c->fetching)
			pthread_cond_wait(&c->fetched, &c->lock);
		else
			return why_not(c);
	}
}

void aws_credentials_expire(struct aws_credentials *c, const char *key_id)
{
	LOCKED(&c->lock);

	if (c->refused || !c->keys.id || !key_id ||
	    strcmp(c->keys.id, key_id) != 0 ||
	    aws_setup_now(c->setup) < c->sure_until)
		return;
	c->refused = true;
	c->again_at = 0;
}

const char *aws_credentials_source(const struct aws_credentials *c)
{
	return c->name;
}

const char *aws_credentials_region(const struct aws_credentials *c)
{
	return c->setup->region;
}

const char *aws_credentials_endpoint(const struct aws_credentials *c)
{
	return c->setup->endpoint;
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
	return log_fail(-ENOENT,
			"no AWS keys anywhere (%s); for a public bucket, say "
			"that requests shall be anonymous",
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
	return MIN(rc, 0);
}

int aws_credentials_new(const struct aws_credentials_options *options,
			struct aws_credentials **out)
{
	struct aws_credentials *c = calloc(1, sizeof(*c));
	int rc;

	if (!c)
		return -ENOMEM;
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->fetched, NULL);
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
	pthread_cond_destroy(&c->fetched);
	pthread_mutex_destroy(&c->lock);
	free(c);
}
