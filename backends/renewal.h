/* When keys and tokens that expire are got anew: five minutes before, by one
 * thread while others go on with the old; if that fails and the old are still
 * good, they are used on.  A source that fails is not asked again at once.
 *
 * Part of its owner, who holds the lock for every call below, and whenever what
 * is renewed is looked at.  Any thread. */
#ifndef BACKENDS_RENEWAL_H
#define BACKENDS_RENEWAL_H

#include "base/util.h"

struct renewal_ops {
	const char *what; /* "AWS keys", for messages */

	int64_t (*now)(const void *owner); /* seconds since 1970 */

	/* Ask the source, and keep aside what it gives.  Without the lock, but
	 * by one thread at a time.  An error has been said. */
	int (*ask)(void *owner);

	/* Put what was kept aside in the place of the old.  *expires: when it
	 * does; 0: never.  True: if the old was refused, what comes of refusals
	 * now shall not count for a while: they may mean the old, or there is
	 * nothing else to be had. */
	bool (*take)(void *owner, int64_t *expires);
};

struct renewal {
	const struct renewal_ops *ops;
	void *owner;

	pthread_mutex_t lock; /* of all that follows, and of what is renewed */
	pthread_cond_t asked;
	bool asking;	    /* one thread is at it */
	bool refused;	    /* a server does not take it any more */
	int64_t expires;    /* 0: never */
	int64_t sure_until; /* until then refusals do not count */
	int64_t again_at;   /* the source is not asked before */
	int error;	    /* of the last time */
};

/* Set expires once the source has been asked for the first time. */
void renewal_init(struct renewal *r, const struct renewal_ops *ops,
		  void *owner);
void renewal_destroy(struct renewal *r);

/* What there is is good.  Blocks, without the lock, when it must be got anew.
 * -EACCES: the source gives nothing; -ECANCELED, -ENOMEM. */
int renewal_ensure(struct renewal *r) MUST_USE;

/* A server says that it is good no more: the next renewal_ensure() asks. */
void renewal_refuse(struct renewal *r);

#endif
