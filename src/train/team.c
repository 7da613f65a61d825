#include "train/team.h"

#include "base/log.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>

struct runner {
	struct team_member member;
	int (*fn)(void *arg, struct team_member *m);
	void *arg;
	pthread_t thread;
	bool started;
	int rc;
};

struct team {
	struct team_outer outer;
	unsigned members;
	struct runner *runner;

	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t changed;
	unsigned come, leaving; /* of a meeting */
	uint64_t meetings;
	double *sum;
	size_t room;
	int rc; /* of the latest meeting */
	bool failed;
};

int team_new(unsigned members, const struct team_outer *outer,
	     struct team **out)
{
	struct team *t = calloc(1, sizeof(*t));

	*out = NULL;
	if (!t)
		return log_fail(-ENOMEM, "accelerators");
	t->outer = *outer;
	t->members = MAX(members, 1);
	t->runner = calloc(t->members, sizeof(*t->runner));
	if (!t->runner) {
		free(t);
		return log_fail(-ENOMEM, "accelerators");
	}
	pthread_mutex_init(&t->lock, NULL);
	pthread_cond_init(&t->changed, NULL);
	*out = t;
	return 0;
}

void team_free(struct team *t)
{
	if (!t)
		return;
	pthread_cond_destroy(&t->changed);
	pthread_mutex_destroy(&t->lock);
	free(t->sum);
	free(t->runner);
	free(t);
}

/* ---- Meetings ------------------------------------------------------------ */

/* Under the lock. */
static int add(struct team *t, const double *values, size_t n)
{
	if (n > t->room) {
		double *more = reallocarray(t->sum, n, sizeof(*more));

		if (!more)
			return -ENOMEM;
		t->sum = more;
		t->room = n;
	}
	for (size_t i = 0; i < n; i++)
		t->sum[i] = values[i] + (t->come ? t->sum[i] : 0);
	return 0;
}

/* Under the lock, which is let go meanwhile: nobody else is about. */
static int ask_outer(struct team *t, size_t n)
{
	const struct team_outer *o = &t->outer;
	int rc = 0;

	pthread_mutex_unlock(&t->lock);
	if (n && o->sum)
		rc = o->sum(o->arg, t->sum, n);
	else if (!n && o->barrier)
		rc = o->barrier(o->arg);
	pthread_mutex_lock(&t->lock);
	return rc;
}

/* Under the lock.  Member 0 ends a meeting, the others wait for that. */
static int wait_for_all(struct team *t, unsigned number, size_t n)
{
	uint64_t meeting = t->meetings;

	pthread_cond_broadcast(&t->changed);
	if (number == 0) {
		while (t->come < t->members && !t->failed)
			pthread_cond_wait(&t->changed, &t->lock);
		if (t->failed)
			return -ECANCELED;
		t->rc = ask_outer(t, n);
		t->leaving = t->members;
		t->come = 0;
		t->meetings++;
		pthread_cond_broadcast(&t->changed);
	}
	while (t->meetings == meeting && !t->failed)
		pthread_cond_wait(&t->changed, &t->lock);
	return t->meetings == meeting ? -ECANCELED : t->rc;
}

/* n of 0: a barrier. */
static int meet(const struct team_member *m, double *values, size_t n)
{
	struct team *t = m->team;
	int rc;
	LOCKED(&t->lock);

	/* Who is slow to leave reads the sum of the meeting before. */
	while (t->leaving && !t->failed)
		pthread_cond_wait(&t->changed, &t->lock);
	if (t->failed)
		return -ECANCELED;
	rc = add(t, values, n);
	if (rc)
		return rc;
	t->come++;
	rc = wait_for_all(t, m->number, n);
	if (rc == -ECANCELED && t->failed)
		return rc;
	if (n)
		memcpy(values, t->sum, n * sizeof(*values));
	if (--t->leaving == 0)
		pthread_cond_broadcast(&t->changed);
	return rc;
}

int team_barrier(void *member)
{
	return meet(member, NULL, 0);
}

int team_sum(void *member, double *values, size_t n)
{
	return n ? meet(member, values, n) : 0;
}

/* ---- Members ------------------------------------------------------------- */

static void fail(struct team *t)
{
	LOCKED(&t->lock);

	t->failed = true;
	pthread_cond_broadcast(&t->changed);
}

static void *run(void *arg)
{
	struct runner *r = arg;

	r->rc = r->fn(r->arg, &r->member);
	if (r->rc)
		fail(r->member.team);
	return NULL;
}

/* Signals are the main thread's business. */
static int start(struct runner *r)
{
	sigset_t all, before;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&r->thread, NULL, run, r);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc)
		return log_fail(-rc, "start an accelerator's thread");
	r->started = true;
	pthread_setname_np(r->thread, "accelerator");
	return 0;
}

static int result_of(const struct team *t)
{
	int rc = 0;

	for (unsigned i = 0; i < t->members; i++)
		if (t->runner[i].rc && (!rc || rc == -ECANCELED))
			rc = t->runner[i].rc;
	return rc;
}

int team_run(struct team *t, int (*fn)(void *arg, struct team_member *m),
	     void *arg)
{
	int rc = 0;

	for (unsigned i = 0; i < t->members; i++)
		t->runner[i] = (struct runner){ .member = { t, i },
						.fn = fn,
						.arg = arg };
	for (unsigned i = 1; i < t->members && !rc; i++)
		rc = start(&t->runner[i]);
	if (rc) {
		t->runner[0].rc = rc;
		fail(t);
	} else {
		run(&t->runner[0]);
	}
	for (unsigned i = 1; i < t->members; i++)
		if (t->runner[i].started)
			pthread_join(t->runner[i].thread, NULL);
	return result_of(t);
}
