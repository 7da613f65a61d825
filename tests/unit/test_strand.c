#include "base/clock.h"
#include "io/strand.h"

#include <criterion/criterion.h>
#include <semaphore.h>

#define JOBS 200

struct order {
	_Atomic unsigned running, overlaps, n;
	unsigned seen[JOBS];
};

struct order_job {
	struct pool_job job;
	struct order *order;
	struct strand *drop; /* after the last */
	unsigned id;
};

static void note_order(struct pool_job *job)
{
	struct order_job *j = CONTAINER_OF(job, struct order_job, job);
	struct order *o = j->order;

	if (++o->running != 1)
		o->overlaps++;
	o->seen[o->n++] = j->id;
	o->running--;
	strand_drop(j->drop);
}

Test(strand, jobs_run_one_at_a_time_in_the_order_they_came)
{
	static struct order_job jobs[JOBS];
	static struct order order;
	struct strand *s;
	struct pool *p;

	cr_assert_eq(pool_new(4, &p), 0);
	cr_assert_eq(strand_new(p, &s), 0);
	for (unsigned i = 0; i < JOBS; i++) {
		jobs[i] = (struct order_job){ .job.run = note_order,
					      .order = &order,
					      .drop = i == JOBS - 1 ? s : NULL,
					      .id = i };
		strand_submit(s, &jobs[i].job);
	}
	pool_free(p);

	cr_expect_eq(order.overlaps, 0u);
	cr_assert_eq(order.n, (unsigned)JOBS);
	for (unsigned i = 0; i < JOBS; i++)
		cr_expect_eq(order.seen[i], i);
}

struct post_job {
	struct pool_job job;
	sem_t ran;
};

static void post(struct pool_job *job)
{
	sem_post(&CONTAINER_OF(job, struct post_job, job)->ran);
}

Test(strand, who_has_entered_holds_jobs_back_until_leaving)
{
	struct post_job j = { .job.run = post };
	struct strand *s;
	struct pool *p;

	sem_init(&j.ran, 0, 0);
	cr_assert_eq(pool_new(1, &p), 0);
	cr_assert_eq(strand_new(p, &s), 0);

	cr_assert(strand_try_enter(s));
	cr_expect_not(strand_try_enter(s), "one at a time");
	strand_submit(s, &j.job);
	cr_expect_eq(pool_drain(p, clock_ns() + 60 * NS_PER_SEC), 0);
	cr_expect_neq(sem_trywait(&j.ran), 0, "still held back");
	strand_leave(s);
	sem_wait(&j.ran);
	cr_expect_eq(pool_drain(p, clock_ns() + 60 * NS_PER_SEC), 0);
	cr_expect(strand_try_enter(s), "free again");
	strand_leave(s);

	strand_drop(s);
	pool_free(p);
}
