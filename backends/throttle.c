#include "backends/throttle.h"

#include "base/clock.h"
#include "base/flag.h"

#include <errno.h>

#define LOOK_NS (NS_PER_SEC / 20) /* how often the flags are looked at */

/* Somebody at the gate, on his own stack. */
struct waiter {
	struct waiter *next;
	pthread_cond_t let_in;
	bool in;
};

struct line {
	struct waiter *first, **last;
};

struct throttle {
	unsigned most;

	pthread_mutex_t lock; /* guards what follows */
	unsigned limit, busy;
	unsigned round; /* how often the limit has fallen */
	unsigned well;	/* requests since the limit changed */
	struct line urgent, background;
	unsigned waiting; /* in both */
};

int throttle_new(unsigned most, struct throttle **out)
{
	struct throttle *t = calloc(1, sizeof(*t));

	if (!t)
		return -ENOMEM;
	pthread_mutex_init(&t->lock, NULL);
	t->most = t->limit = MAX(most, 1u);
	t->urgent.last = &t->urgent.first;
	t->background.last = &t->background.first;
	*out = t;
	return 0;
}

void throttle_free(struct throttle *t)
{
	if (!t)
		return;
	pthread_mutex_destroy(&t->lock);
	free(t);
}

/* ---- Who waits.  All locked. --------------------------------------------- */

static void append(struct line *l, struct waiter *w)
{
	*l->last = w;
	l->last = &w->next;
}

static struct waiter *shift(struct line *l)
{
	struct waiter *w = l->first;

	if (!w)
		return NULL;
	l->first = w->next;
	if (!l->first)
		l->last = &l->first;
	return w;
}

static void strike(struct line *l, const struct waiter *w)
{
	struct waiter **at = &l->first;

	while (*at != w)
		at = &(*at)->next;
	*at = w->next;
	if (!*at)
		l->last = at;
}

static void let_in(struct throttle *t)
{
	while (t->busy < t->limit) {
		struct waiter *w = shift(&t->urgent);

		if (!w)
			w = shift(&t->background);
		if (!w)
			return;
		w->in = true;
		t->busy++;
		pthread_cond_signal(&w->let_in);
	}
}

/* ---- Waiting ------------------------------------------------------------- */

/* Nonzero: go away. */
static int check(const struct throttle_pass *pass, uint64_t now)
{
	if (flag_is_set(pass->stop) || flag_is_set(pass->cancel))
		return -ECANCELED;
	if (pass->deadline_ns && now >= pass->deadline_ns)
		return -ETIMEDOUT;
	return 0;
}

static void wait_a_little(struct throttle *t, struct waiter *w,
			  const struct throttle_pass *pass, uint64_t now)
{
	uint64_t until = now + LOOK_NS;
	struct timespec ts;

	if (pass->deadline_ns)
		until = MIN(until, pass->deadline_ns);
	ts.tv_sec = (time_t)(until / NS_PER_SEC);
	ts.tv_nsec = (long)(until % NS_PER_SEC);
	pthread_cond_timedwait(&w->let_in, &t->lock, &ts);
}

/* Locked. */
static int wait_in_line(struct throttle *t, struct throttle_pass *pass)
{
	struct line *line = pass->background ? &t->background : &t->urgent;
	struct waiter w = { 0 };
	pthread_condattr_t monotonic;
	int rc = 0;

	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&w.let_in, &monotonic);
	pthread_condattr_destroy(&monotonic);
	append(line, &w);
	t->waiting++;
	while (!w.in && rc == 0) {
		uint64_t now = clock_ns();

		rc = check(pass, now);
		if (rc == 0)
			wait_a_little(t, &w, pass, now);
	}
	if (!w.in)
		strike(line, &w);
	t->waiting--;
	pthread_cond_destroy(&w.let_in);
	return w.in ? 0 : rc;
}

int throttle_enter(struct throttle *t, struct throttle_pass *pass)
{
	LOCKED(&t->lock);
	int rc = check(pass, clock_ns());

	if (rc)
		return rc;
	if (t->busy < t->limit)
		t->busy++; /* nobody waits, or he would be in */
	else
		rc = wait_in_line(t, pass);
	pass->round = t->round;
	return rc;
}

/* ---- The limit ----------------------------------------------------------- */

static void fall(struct throttle *t, const struct throttle_pass *pass)
{
	if (pass->round != t->round)
		return;
	t->round++;
	t->well = 0;
	t->limit = MAX(t->limit / 2, 1u);
}

static void rise(struct throttle *t)
{
	if (t->limit == t->most || ++t->well < t->limit)
		return;
	t->well = 0;
	t->limit++;
}

int throttle_leave(struct throttle *t, struct throttle_pass *pass,
		   enum throttle_end end)
{
	LOCKED(&t->lock);
	unsigned before = t->limit;

	if (end == THROTTLE_TOO_MUCH)
		fall(t, pass);
	else if (end == THROTTLE_WELL)
		rise(t);
	pass->limit = t->limit;
	t->busy--;
	let_in(t);
	return (int)t->limit - (int)before;
}

unsigned throttle_busy(struct throttle *t)
{
	LOCKED(&t->lock);

	return t->busy;
}

unsigned throttle_waiting(struct throttle *t)
{
	LOCKED(&t->lock);

	return t->waiting;
}

unsigned throttle_limit(struct throttle *t)
{
	LOCKED(&t->lock);

	return t->limit;
}
