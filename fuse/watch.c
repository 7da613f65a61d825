#include "fuse/watch.h"

#include "base/clock.h"
#include "fuse/call.h"
#include "fuse/process.h"
#include "fuse/server.h"

#include <errno.h>

struct watch {
	pthread_mutex_t lock;	/* guards all up to the thread */
	pthread_cond_t changed; /* no longer idle, or ending */
	struct call *first;
	size_t n;
	uint64_t second; /* counts looks */
	bool idle, ending;

	pthread_t thread;
};

/* ---- The list, with the lock held --------------------------------------- */

static void put(struct watch *w, struct call *c)
{
	c->watched = (struct call_watched){ .state = CALL_WATCHED,
					    .next = w->first,
					    .at = &w->first,
					    .since = w->second };
	if (w->first)
		w->first->watched.at = &c->watched.next;
	w->first = c;
	w->n++;
}

static void take(struct watch *w, struct call *c)
{
	*c->watched.at = c->watched.next;
	if (c->watched.next)
		c->watched.next->watched.at = c->watched.at;
	c->watched.state = CALL_TAKEN;
	w->n--;
}

/* The caller's thread, if he has waited for a second. */
static pid_t waiting_thread(const struct watch *w, const struct call *c)
{
	return w->second - c->watched.since >= 2 ? fuse_req_ctx(c->req)->pid :
						   0;
}

/* ---- Looking ------------------------------------------------------------ */

/* All that wait, in an array that the caller frees. */
static pid_t *find_waiting(struct watch *w, size_t *n)
{
	pid_t *threads;
	LOCKED(&w->lock);

	*n = 0;
	threads = malloc((w->n + 1) * sizeof(*threads));
	for (struct call *c = w->first; threads && c; c = c->watched.next)
		if (waiting_thread(w, c))
			threads[(*n)++] = waiting_thread(w, c);
	return threads;
}

/* A call of this thread, which nobody else will answer then. */
static bool take_call_of(struct watch *w, pid_t thread, struct call *out)
{
	LOCKED(&w->lock);

	for (struct call *c = w->first; c; c = c->watched.next) {
		if (waiting_thread(w, c) != thread)
			continue;
		take(w, c);
		*out = *c;
		if (c->given_up)
			c->given_up(c);
		return true;
	}
	return false;
}

static void look(struct watch *w)
{
	size_t n;
	AUTO_FREE pid_t *threads = find_waiting(w, &n);
	struct call c;

	for (size_t i = 0; i < n; i++)
		if (process_is_dying(threads[i]))
			while (take_call_of(w, threads[i], &c))
				call_status(&c, -EINTR);
}

/* And, while there is nothing to look at, longer.  false: it is the end. */
static bool wait_a_second(struct watch *w)
{
	uint64_t until = clock_ns() + NS_PER_SEC;
	struct timespec deadline = { .tv_sec = (time_t)(until / NS_PER_SEC),
				     .tv_nsec = (long)(until % NS_PER_SEC) };
	LOCKED(&w->lock);

	while (!w->ending && clock_ns() < until)
		pthread_cond_timedwait(&w->changed, &w->lock, &deadline);
	w->idle = true;
	while (!w->ending && !w->first)
		pthread_cond_wait(&w->changed, &w->lock);
	w->idle = false;
	w->second++;
	return !w->ending;
}

static void *work(void *arg)
{
	pthread_setname_np(pthread_self(), "dliofs-watch");
	while (wait_a_second(arg))
		look(arg);
	return NULL;
}

/* ---- What the header says ----------------------------------------------- */

int watch_new(struct watch **out)
{
	struct watch *w = calloc(1, sizeof(*w));
	pthread_condattr_t monotonic;
	int rc;

	if (!w)
		return -ENOMEM;
	pthread_mutex_init(&w->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&w->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	rc = -pthread_create(&w->thread, NULL, work, w);
	if (rc < 0)
		free(w);
	else
		*out = w;
	return rc;
}

void watch_free(struct watch *w)
{
	if (!w)
		return;
	pthread_mutex_lock(&w->lock);
	w->ending = true;
	pthread_cond_signal(&w->changed);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	pthread_cond_destroy(&w->changed);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

void watch_call(struct call *c)
{
	struct watch *w = c->server->watch;
	LOCKED(&w->lock);

	put(w, c);
	if (w->idle)
		pthread_cond_signal(&w->changed);
}

bool watch_claim(struct call *c)
{
	struct watch *w = c->server->watch;
	LOCKED(&w->lock);

	if (c->watched.state == CALL_WATCHED) {
		take(w, c);
		return true;
	}
	return c->watched.state == CALL_UNWATCHED;
}
