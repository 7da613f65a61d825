#include "data/crew.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <sched.h>

#define PROGRESS_NS (NS_PER_SEC / 5)

bool crew_stopped(const struct crew *c)
{
	return c->error || (c->stop && *c->stop);
}

unsigned crew_rank(const struct crew *c)
{
	return c->team ? c->team->rank : 0;
}

int crew_agree(const struct crew *c, int rc)
{
	return c->team ? c->team->agree(c->team->arg, rc) : rc;
}

int crew_tell(const struct crew *c, void *data, size_t len)
{
	return c->team ? c->team->tell(c->team->arg, data, len) : 0;
}

static uint64_t stride(const struct crew *c)
{
	return c->team ? MAX(c->team->ranks, 1) : 1;
}

/* How many of n files, or bytes of all files, are about this crew's. */
static uint64_t share(const struct crew *c, uint64_t n)
{
	uint64_t before = crew_rank(c);

	return n > before ? (n - before + stride(c) - 1) / stride(c) : 0;
}

static void give_up(struct crew *c, int rc)
{
	int none = 0;

	atomic_compare_exchange_strong(&c->error, &none, rc);
}

static void *worker(void *arg)
{
	struct crew *c = arg;
	AUTO_FREE void *buffer =
		aligned_alloc(CREW_ALIGNMENT, CREW_BUFFER_BYTES);
	int rc = buffer ? 0 : -ENOMEM;

	while (!rc && !crew_stopped(c)) {
		uint64_t file = crew_rank(c) + c->next++ * stride(c);

		if (file >= c->files_total)
			break;
		rc = c->work(c, file, buffer);
		if (!rc)
			c->files++;
	}
	if (rc)
		give_up(c, rc);
	sem_post(&c->ended);
	return NULL;
}

static void tell(struct crew *c)
{
	struct crew_progress p = { .files = c->files,
				   .files_total = share(c, c->files_total),
				   .bytes = c->bytes,
				   .bytes_total = share(c, c->bytes_total),
				   .elapsed_ns = clock_ns() - c->start_ns };

	if (c->progress)
		c->progress(c->progress_arg, &p);
}

static unsigned thread_count(const struct crew *c)
{
	cpu_set_t cpus;

	if (c->threads)
		return c->threads;
	if (sched_getaffinity(0, sizeof(cpus), &cpus))
		return 1;
	return (unsigned)CPU_COUNT(&cpus);
}

/* 0: a thread has ended; -1, errno ETIMEDOUT or EINTR. */
static int wait_until(struct crew *c, uint64_t ns)
{
	struct timespec ts = { (time_t)(ns / NS_PER_SEC),
			       (long)(ns % NS_PER_SEC) };

	return sem_clockwait(&c->ended, CLOCK_MONOTONIC, &ts);
}

static void wait_and_tell(struct crew *c, unsigned running)
{
	uint64_t next_ns = c->start_ns + PROGRESS_NS;

	while (running > 0) {
		if (wait_until(c, next_ns) == 0) {
			running--;
		} else if (errno == ETIMEDOUT) {
			tell(c);
			next_ns = clock_ns() + PROGRESS_NS;
		}
	}
}

int crew_run(struct crew *c, crew_work_fn work, void *arg)
{
	/* More than there are files have nothing to do. */
	unsigned n = (unsigned)MIN(thread_count(c),
				   MAX(share(c, c->files_total), 1));
	AUTO_FREE pthread_t *threads = calloc(n, sizeof(*threads));
	unsigned started = 0;

	if (!threads)
		return -ENOMEM;
	c->work = work;
	c->arg = arg;
	c->start_ns = clock_ns();
	sem_init(&c->ended, 0, 0);
	for (; started < n; started++) {
		int rc = pthread_create(&threads[started], NULL, worker, c);

		if (rc) {
			give_up(c, log_fail(-rc, "start a thread"));
			break;
		}
	}
	wait_and_tell(c, started);
	for (unsigned i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	sem_destroy(&c->ended);
	tell(c);
	if (!c->error && crew_stopped(c))
		return -EINTR;
	return c->error;
}
