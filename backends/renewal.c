#include "backends/renewal.h"

#include "base/log.h"

#include <errno.h>
#include <inttypes.h>

#define EARLY_SECONDS 300 /* renew so long before the end */

/* Do not ask again so soon: neither while the old is good still, nor when there
 * is nothing, lest every call waits for a source that is down. */
#define PAUSE_GOOD_SECONDS 60
#define PAUSE_NONE_SECONDS 10

void renewal_init(struct renewal *r, const struct renewal_ops *ops, void *owner)
{
	*r = (struct renewal){ .ops = ops, .owner = owner };
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->asked, NULL);
}

void renewal_destroy(struct renewal *r)
{
	pthread_cond_destroy(&r->asked);
	pthread_mutex_destroy(&r->lock);
}

static bool usable(const struct renewal *r, int64_t now)
{
	return !r->refused && (r->expires == 0 || now < r->expires);
}

static bool due(const struct renewal *r, int64_t now)
{
	bool early = r->expires && now >= r->expires - EARLY_SECONDS;

	return (r->refused || early) && now >= r->again_at;
}

/* When to ask again while what is at hand is good. */
static int64_t after_pause(const struct renewal *r, int64_t now)
{
	return MIN(now + PAUSE_GOOD_SECONDS, r->expires);
}

static void take(struct renewal *r, int64_t now)
{
	bool doubtful = r->ops->take(r->owner, &r->expires);

	if (r->refused && doubtful)
		r->sure_until = now + PAUSE_NONE_SECONDS;
	r->refused = false;
	r->again_at = after_pause(r, now);
}

static void go_without(struct renewal *r, int64_t now)
{
	if (!usable(r, now)) {
		r->again_at = now + PAUSE_NONE_SECONDS;
		return;
	}
	if (r->error != -ECANCELED)
		log_warn("going on with the old %s, good for another "
			 "%" PRId64 " s",
			 r->ops->what, r->expires - now);
	r->again_at = after_pause(r, now);
}

/* With the lock held, but for the time in which the source is asked. */
static void renew(struct renewal *r)
{
	int64_t now;
	int rc;

	r->asking = true;
	pthread_mutex_unlock(&r->lock);
	rc = r->ops->ask(r->owner);
	pthread_mutex_lock(&r->lock);
	now = r->ops->now(r->owner);
	r->asking = false;
	r->error = rc;
	if (rc == 0)
		take(r, now);
	else
		go_without(r, now);
	pthread_cond_broadcast(&r->asked);
}

static int why_not(const struct renewal *r)
{
	return r->error == -ECANCELED || r->error == -ENOMEM ? r->error :
							       -EACCES;
}

/* Whoever waited may find the new refused already: it all begins again, until
 * the source gives nothing, or nothing is due. */
int renewal_ensure(struct renewal *r)
{
	for (;;) {
		int64_t now = r->ops->now(r->owner);

		if (!r->asking && due(r, now))
			renew(r);
		else if (usable(r, now))
			return 0;
		else if (r->asking)
			pthread_cond_wait(&r->asked, &r->lock);
		else
			return why_not(r);
	}
}

void renewal_refuse(struct renewal *r)
{
	if (r->refused || r->ops->now(r->owner) < r->sure_until)
		return;
	r->refused = true;
	r->again_at = 0;
}
