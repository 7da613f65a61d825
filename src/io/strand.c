#include "io/strand.h"

#include <errno.h>

struct strand {
	struct pool *pool;
	struct pool_job step; /* in the pool or running while busy */

	pthread_mutex_t lock; /* guards what follows */
	struct pool_job *first, **last;
	bool busy, dropped;
};

static void destroy(struct strand *s)
{
	pthread_mutex_destroy(&s->lock);
	free(s);
}

/* Somebody has finished: let the next one begin, or the strand end. */
static void pass_on(struct strand *s)
{
	bool more, dropped;

	pthread_mutex_lock(&s->lock);
	more = s->first;
	s->busy = more;
	dropped = s->dropped;
	pthread_mutex_unlock(&s->lock);

	if (more)
		pool_submit(s->pool, &s->step);
	else if (dropped)
		destroy(s);
}

/* One job a turn, so that one strand does not keep a thread for itself. */
static void run_first(struct pool_job *step)
{
	struct strand *s = CONTAINER_OF(step, struct strand, step);
	struct pool_job *job;

	pthread_mutex_lock(&s->lock);
	job = s->first;
	s->first = job->next;
	if (!s->first)
		s->last = &s->first;
	pthread_mutex_unlock(&s->lock);

	job->run(job);
	pass_on(s);
}

int strand_new(struct pool *p, struct strand **out)
{
	struct strand *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->pool = p;
	s->step.run = run_first;
	s->last = &s->first;
	pthread_mutex_init(&s->lock, NULL);
	*out = s;
	return 0;
}

void strand_drop(struct strand *s)
{
	bool busy;

	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	s->dropped = true;
	busy = s->busy;
	pthread_mutex_unlock(&s->lock);
	if (!busy)
		destroy(s);
}

void strand_submit(struct strand *s, struct pool_job *job)
{
	bool busy;

	pthread_mutex_lock(&s->lock);
	job->next = NULL;
	*s->last = job;
	s->last = &job->next;
	busy = s->busy;
	s->busy = true;
	pthread_mutex_unlock(&s->lock);
	if (!busy)
		pool_submit(s->pool, &s->step);
}

bool strand_try_enter(struct strand *s)
{
	LOCKED(&s->lock);

	if (s->busy)
		return false;
	s->busy = true;
	return true;
}

void strand_leave(struct strand *s)
{
	pass_on(s);
}
