#include "train/team.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/slice.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

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

	/* The meetings that are over, times TURN, and whether a member failed.
	 * Members wait for it as for a futex, so that one call of member 0's
	 * wakes them all, and none needs a lock to leave: the lock of a
	 * condition variable would be handed from one to the next, each of
	 * which has to get a CPU first, while readers keep them busy. */
	atomic_uint turn;
	int rc; /* of the latest meeting: set by member 0 before its turn ends */

	pthread_mutex_t lock;	 /* guards what follows */
	pthread_cond_t all_came; /* member 0 waits for it */
	unsigned come;

	/* Of this meeting and of the one before.  Who is slow to leave that one
	 * has not come to this one, so the next cannot begin. */
	struct sum {
		double *values;
		size_t room;
	} sum[2];
};

enum { FAILED = 1, TURN = 2 };

/* An accelerator needs a CPU for microseconds, but then at once: it is a device
 * that has nothing to do with who else wants one.  Behind its readers it would
 * wait for a tick of the clock, and all the others for it. */
#define SLICE_NS (NS_PER_SEC / 10000)

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
	pthread_cond_init(&t->all_came, NULL);
	*out = t;
	return 0;
}

void team_free(struct team *t)
{
	if (!t)
		return;
	pthread_cond_destroy(&t->all_came);
	pthread_mutex_destroy(&t->lock);
	free(t->sum[0].values);
	free(t->sum[1].values);
	free(t->runner);
	free(t);
}

/* ---- Meetings ------------------------------------------------------------ */

static bool failed(const struct team *t)
{
	return atomic_load(&t->turn) & FAILED;
}

static void next_turn(struct team *t, unsigned change)
{
	atomic_fetch_add(&t->turn, change);
	syscall(SYS_futex, &t->turn, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL,
		0);
}

/* Under the lock.  The first who comes begins anew. */
static int add(struct sum *sum, bool first, const double *values, size_t n)
{
	if (n > sum->room) {
		double *more = reallocarray(sum->values, n, sizeof(*more));

		if (!more)
			return -ENOMEM;
		sum->values = more;
		sum->room = n;
	}
	for (size_t i = 0; i < n; i++)
		sum->values[i] = values[i] + (first ? 0 : sum->values[i]);
	return 0;
}

static int come(struct team *t, struct sum *sum, const double *values, size_t n)
{
	int rc;
	LOCKED(&t->lock);

	if (failed(t))
		return -ECANCELED;
	rc = add(sum, t->come == 0, values, n);
	if (rc)
		return rc;
	if (++t->come == t->members)
		pthread_cond_signal(&t->all_came);
	return 0;
}

static int wait_for_all(struct team *t)
{
	LOCKED(&t->lock);

	while (t->come < t->members && !failed(t))
		pthread_cond_wait(&t->all_came, &t->lock);
	t->come = 0;
	return failed(t) ? -ECANCELED : 0;
}

static int ask_outer(struct team *t, struct sum *sum, size_t n)
{
	const struct team_outer *o = &t->outer;

	if (n)
		return o->sum ? o->sum(o->arg, sum->values, n) : 0;
	return o->barrier ? o->barrier(o->arg) : 0;
}

/* Member 0 ends a meeting: when all have come, nobody else is about. */
static int end(struct team *t, struct sum *sum, size_t n)
{
	int rc = wait_for_all(t);

	if (rc)
		return rc;
	t->rc = ask_outer(t, sum, n);
	next_turn(t, TURN);
	return t->rc;
}

/* … the others wait for that. */
static int wait_for_end(struct team *t, unsigned turn)
{
	unsigned now;

	while ((now = atomic_load(&t->turn)) == turn)
		syscall(SYS_futex, &t->turn, FUTEX_WAIT_PRIVATE, turn, NULL,
			NULL, 0);
	return now / TURN == turn / TURN ? -ECANCELED : t->rc;
}

/* n of 0: a barrier. */
static int meet(const struct team_member *m, double *values, size_t n)
{
	struct team *t = m->team;
	unsigned turn = atomic_load(&t->turn);
	struct sum *sum = &t->sum[turn / TURN % 2];
	int rc;

	rc = come(t, sum, values, n);
	if (rc)
		return rc;
	rc = m->number == 0 ? end(t, sum, n) : wait_for_end(t, turn);
	if (!rc && n)
		memcpy(values, sum->values, n * sizeof(*values));
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

	if (!failed(t))
		next_turn(t, FAILED);
	pthread_cond_signal(&t->all_came);
}

static void *run(void *arg)
{
	struct runner *r = arg;

	slice_ask(SLICE_NS);
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
