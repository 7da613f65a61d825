/* Threads submit to one pool, to strands on it, and trade buffers, all at
 * once: every job runs once, and what a strand guards needs no lock. */
#include "base/buffers.h"
#include "base/pool.h"
#include "io/strand.h"

#include <string.h>

enum { SUBMITTERS = 4, EACH = 5000, STRANDS = 3 };

struct guarded {
	struct strand *strand;
	unsigned plain; /* not atomic: the strand guards it */
};

struct shared {
	struct pool *pool;
	struct buffers *buffers;
	struct guarded guarded[STRANDS];
	_Atomic unsigned ran, entered;
};

struct job {
	struct pool_job job;
	struct shared *shared;
	struct guarded *guarded; /* NULL: straight to the pool */
};

static void run(struct pool_job *pool_job)
{
	struct job *j = CONTAINER_OF(pool_job, struct job, job);
	char *buf = buffers_get(j->shared->buffers);

	memset(buf, 1, 64);
	if (j->guarded)
		j->guarded->plain++;
	buffers_put(j->shared->buffers, buf);
	j->shared->ran++;
	free(j);
}

static void *submit(void *arg)
{
	struct shared *s = arg;

	for (unsigned i = 0; i < EACH; i++) {
		struct guarded *g = &s->guarded[i % STRANDS];
		struct job *j = malloc(sizeof(*j));

		*j = (struct job){ { .run = run }, s, i % 2 ? g : NULL };
		if (j->guarded)
			strand_submit(g->strand, &j->job);
		else
			pool_submit(s->pool, &j->job);
		if (i % 16 == 0 && strand_try_enter(g->strand)) {
			g->plain++;
			s->entered++;
			strand_leave(g->strand);
		}
	}
	return NULL;
}

int main(void)
{
	static struct shared s;
	pthread_t threads[SUBMITTERS];
	unsigned guarded = 0;

	if (pool_new(3, &s.pool) < 0 || buffers_new(64, 64, 2, &s.buffers) < 0)
		return 1;
	for (unsigned i = 0; i < STRANDS; i++)
		if (strand_new(s.pool, &s.guarded[i].strand) < 0)
			return 1;
	for (unsigned i = 0; i < SUBMITTERS; i++)
		pthread_create(&threads[i], NULL, submit, &s);
	for (unsigned i = 0; i < SUBMITTERS; i++)
		pthread_join(threads[i], NULL);
	for (unsigned i = 0; i < STRANDS; i++)
		strand_drop(s.guarded[i].strand);
	pool_free(s.pool);

	for (unsigned i = 0; i < STRANDS; i++)
		guarded += s.guarded[i].plain;
	if (s.ran != SUBMITTERS * EACH ||
	    guarded != SUBMITTERS * EACH / 2 + s.entered ||
	    buffers_out(s.buffers) != 0) {
		fprintf(stderr, "ran %u, guarded %u, entered %u, out %zu\n",
			s.ran, guarded, s.entered, buffers_out(s.buffers));
		return 1;
	}
	buffers_free(s.buffers);
	return 0;
}
