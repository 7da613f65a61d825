#include "base/clock.h"
#include "base/pool.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <semaphore.h>

/* A job that waits to be let go, and says when it began. */
struct slow_job {
	struct pool_job job;
	sem_t began, go;
	_Atomic bool done;
};

static void run_slow(struct pool_job *job)
{
	struct slow_job *s = CONTAINER_OF(job, struct slow_job, job);

	sem_post(&s->began);
	sem_wait(&s->go);
	s->done = true;
}

static void slow_init(struct slow_job *s)
{
	*s = (struct slow_job){ .job.run = run_slow };
	sem_init(&s->began, 0, 0);
	sem_init(&s->go, 0, 0);
}

Test(pool, freeing_finishes_what_was_submitted)
{
	struct slow_job jobs[8];
	struct pool *p;

	cr_assert_eq(pool_new(1, &p), 0);
	for (size_t i = 0; i < ARRAY_SIZE(jobs); i++) {
		slow_init(&jobs[i]);
		sem_post(&jobs[i].go);
		pool_submit(p, &jobs[i].job);
	}
	pool_free(p);
	for (size_t i = 0; i < ARRAY_SIZE(jobs); i++)
		cr_expect(jobs[i].done, "job %zu", i);
}

Test(pool, as_many_jobs_run_at_once_as_there_are_threads)
{
	struct slow_job jobs[4];
	struct pool *p;

	cr_assert_eq(pool_new(3, &p), 0);
	for (size_t i = 0; i < ARRAY_SIZE(jobs); i++) {
		slow_init(&jobs[i]);
		pool_submit(p, &jobs[i].job);
	}
	for (size_t i = 0; i < 3; i++)
		sem_wait(&jobs[i].began);
	cr_expect_eq(pool_waiting(p), 1u, "the fourth waits");
	sem_post(&jobs[1].go);
	sem_wait(&jobs[3].began);
	cr_expect_eq(pool_waiting(p), 0u);
	for (size_t i = 0; i < ARRAY_SIZE(jobs); i++)
		sem_post(&jobs[i].go);
	pool_free(p);
}

Test(pool, draining_waits_for_running_jobs_until_the_deadline)
{
	struct slow_job job;
	struct pool *p;

	slow_init(&job);
	cr_assert_eq(pool_new(1, &p), 0);
	cr_expect_eq(pool_drain(p, 0), 0, "nothing to wait for");
	pool_submit(p, &job.job);
	cr_expect_eq(pool_drain(p, 0), -ETIMEDOUT);
	cr_expect_eq(pool_drain(p, clock_ns() + NS_PER_SEC / 100), -ETIMEDOUT);
	sem_post(&job.go);
	cr_expect_eq(pool_drain(p, clock_ns() + 60 * NS_PER_SEC), 0);
	cr_expect(job.done);
	pool_free(p);
}

struct chain_job {
	struct pool_job job;
	struct pool *pool;
	unsigned left;
};

static void run_chain(struct pool_job *job)
{
	struct chain_job *c = CONTAINER_OF(job, struct chain_job, job);

	if (--c->left > 0)
		pool_submit(c->pool, job);
}

Test(pool, a_job_may_submit_itself_again)
{
	struct chain_job c = { .job.run = run_chain, .left = 1000 };

	cr_assert_eq(pool_new(2, &c.pool), 0);
	pool_submit(c.pool, &c.job);
	cr_expect_eq(pool_drain(c.pool, clock_ns() + 60 * NS_PER_SEC), 0);
	cr_expect_eq(c.left, 0u);
	pool_free(c.pool);
}

Test(pool, nothing_may_be_freed)
{
	pool_free(NULL);
}
