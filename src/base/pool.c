#include "base/pool.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>

struct pool {
	pthread_mutex_t lock; /* guards what follows, up to the threads */
	pthread_cond_t submitted, idle;
	struct pool_job *first, **last;
	size_t waiting, running, sleeping;
	bool ending;

	unsigned n_threads;
	pthread_t threads[];
};

/* The next job, or NULL when there will be none.  Locked. */
static struct pool_job *take(struct pool *p)
{
	struct pool_job *job;

	while (!p->first && !p->ending) {
		p->sleeping++;
		pthread_cond_wait(&p->submitted, &p->lock);
		p->sleeping--;
	}
	job = p->first;
	if (!job)
		return NULL;
	p->first = job->next;
	if (!p->first)
		p->last = &p->first;
	p->waiting--;
	return job;
}

static void *work(void *arg)
{
	struct pool *p = arg;
	struct pool_job *job;

	pthread_setname_np(pthread_self(), "dliofs-io");
	pthread_mutex_lock(&p->lock);
	while ((job = take(p))) {
		p->running++;
		pthread_mutex_unlock(&p->lock);
		job->run(job);
		pthread_mutex_lock(&p->lock);
		if (--p->running + p->waiting == 0)
			pthread_cond_broadcast(&p->idle);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

int pool_new(unsigned threads, struct pool **out)
{
	struct pool *p = calloc(1, sizeof(*p) + threads * sizeof(*p->threads));
	pthread_condattr_t monotonic;
	int rc;

	if (!p)
		return -ENOMEM;
	p->last = &p->first;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->submitted, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&p->idle, &monotonic);
	pthread_condattr_destroy(&monotonic);

	for (; p->n_threads < threads; p->n_threads++) {
		rc = -pthread_create(&p->threads[p->n_threads], NULL, work, p);
		if (rc < 0) {
			log_fail(rc, "start thread %u of a pool",
				 p->n_threads + 1);
			goto fail;
		}
	}
	*out = p;
	return 0;

fail:
	pool_free(p);
	return rc;
}

void pool_free(struct pool *p)
{
	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	p->ending = true;
	pthread_cond_broadcast(&p->submitted);
	pthread_mutex_unlock(&p->lock);

	for (unsigned i = 0; i < p->n_threads; i++)
		pthread_join(p->threads[i], NULL);
	pthread_cond_destroy(&p->idle);
	pthread_cond_destroy(&p->submitted);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

void pool_submit(struct pool *p, struct pool_job *job)
{
	bool wake;

	pthread_mutex_lock(&p->lock);
	job->next = NULL;
	*p->last = job;
	p->last = &job->next;
	p->waiting++;
	wake = p->sleeping > 0;
	pthread_mutex_unlock(&p->lock);

	/* After unlocking, so that the woken does not run into the lock. */
	if (wake)
		pthread_cond_signal(&p->submitted);
}

size_t pool_waiting(struct pool *p)
{
	LOCKED(&p->lock);

	return p->waiting;
}

int pool_drain(struct pool *p, uint64_t deadline_ns)
{
	struct timespec deadline = {
		.tv_sec = (time_t)(deadline_ns / NS_PER_SEC),
		.tv_nsec = (long)(deadline_ns % NS_PER_SEC),
	};
	LOCKED(&p->lock);

	while (p->waiting + p->running > 0)
		if (pthread_cond_timedwait(&p->idle, &p->lock, &deadline) ==
		    ETIMEDOUT)
			return p->waiting + p->running > 0 ? -ETIMEDOUT : 0;
	return 0;
}
