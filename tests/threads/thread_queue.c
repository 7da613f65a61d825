/* Many put, many get, through a short queue: every item arrives once, and what
 * was written to it before it was put is there to be read. */
#include "base/queue.h"

enum { PUTTERS = 3, GETTERS = 3, EACH = 20000 };

struct item {
	unsigned number;
	unsigned seen;
};

struct putter {
	struct queue *queue;
	struct item *items; /* EACH of them */
	unsigned failed;
};

struct getter {
	struct queue *queue;
	const _Atomic bool *closing;
	bool impatient; /* queue_try_get() */
	bool left_early;
	unsigned got;
	uint64_t sum;
};

static void *put_all(void *arg)
{
	struct putter *p = arg;

	for (unsigned i = 0; i < EACH; i++) {
		p->items[i].number = i;
		if (queue_put(p->queue, &p->items[i]))
			p->failed++;
	}
	return NULL;
}

static void *get_all(void *arg)
{
	struct getter *g = arg;
	void *ptr;
	int rc;

	while ((rc = g->impatient ? queue_try_get(g->queue, &ptr) :
				    queue_get(g->queue, &ptr))) {
		struct item *item = ptr;

		if (rc < 0) {
			sched_yield();
			continue;
		}
		item->seen++; /* it is ours now: no lock */
		g->sum += item->number;
		g->got++;
	}
	g->left_early = !*g->closing;
	return NULL;
}

static unsigned not_seen_once(const struct item *items, size_t n)
{
	unsigned bad = 0;

	for (size_t i = 0; i < n; i++)
		bad += items[i].seen != 1;
	return bad;
}

int main(void)
{
	static struct item items[PUTTERS][EACH];
	struct putter putters[PUTTERS];
	struct getter getters[GETTERS];
	pthread_t put_threads[PUTTERS], get_threads[GETTERS];
	const uint64_t total = PUTTERS * EACH;
	uint64_t got = 0, sum = 0, failed = 0;
	_Atomic bool closing = false;
	struct queue *q;

	if (queue_new(4, &q))
		return 1;
	for (int i = 0; i < PUTTERS; i++) {
		putters[i] = (struct putter){ q, items[i], 0 };
		pthread_create(&put_threads[i], NULL, put_all, &putters[i]);
	}
	for (int i = 0; i < GETTERS; i++) {
		getters[i] = (struct getter){
			.queue = q,
			.closing = &closing,
			.impatient = i == 0,
		};
		pthread_create(&get_threads[i], NULL, get_all, &getters[i]);
	}
	for (int i = 0; i < PUTTERS; i++) {
		pthread_join(put_threads[i], NULL);
		failed += putters[i].failed;
	}
	closing = true;
	queue_close(q);
	for (int i = 0; i < GETTERS; i++) {
		pthread_join(get_threads[i], NULL);
		got += getters[i].got;
		sum += getters[i].sum;
		failed += getters[i].left_early;
	}
	queue_free(q);

	if (failed || got != total || sum != total * (EACH - 1) / 2 ||
	    not_seen_once(items[0], total)) {
		fprintf(stderr, "%lu failed, %lu of %lu got, sum %lu\n", failed,
			got, total, sum);
		return 1;
	}
	return 0;
}
