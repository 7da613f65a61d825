#include "lib/thread_ranks.h"

#include "app/ranks_wire.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <string.h>

#define MOST 8

enum what { MAX_OF, SUM, TELL, TELL_HOST, EXCHANGE, GATHER };

/* One rank's part in the operation that is going on. */
struct part {
	enum what what;
	const void *mine;
	void *all;
	size_t n; /* values or bytes */
	const int *places;
};

struct place {
	pthread_mutex_t lock; /* guards all of this */
	unsigned size, arrived, aborted;
	uint64_t done; /* operations */
	struct part part[MOST];
	unsigned host[MOST];
	bool alarm[MOST];
};

struct wire {
	struct ranks_wire base;
	struct place *place;
	uint64_t waits_for; /* operations done */
	struct thread_rank rank;
	thread_ranks_fn fn;
};

static struct wire *wire_of(struct ranks_wire *w)
{
	return (struct wire *)w;
}

/* ---- What all do together; the last to come does it for all ---- */

static void do_max(struct place *p)
{
	int max = 0;

	for (unsigned i = 0; i < p->size; i++)
		max = MAX(max, *(int *)p->part[i].all);
	for (unsigned i = 0; i < p->size; i++)
		*(int *)p->part[i].all = max;
}

static void do_sum(struct place *p)
{
	for (size_t k = 0; k < p->part[0].n; k++) {
		double sum = 0;

		for (unsigned i = 0; i < p->size; i++)
			sum += ((double *)p->part[i].all)[k];
		for (unsigned i = 0; i < p->size; i++)
			((double *)p->part[i].all)[k] = sum;
	}
}

static void do_tell(struct place *p, bool host)
{
	for (unsigned i = p->size; i-- > 0;) {
		unsigned from = 0;

		while (host && p->host[from] != p->host[i])
			from++;
		memmove(p->part[i].all, p->part[from].all, p->part[i].n);
	}
}

static void do_exchange(struct place *p)
{
	for (unsigned i = 0; i < p->size; i++)
		for (unsigned k = 0; k < p->size; k++)
			memcpy((char *)p->part[i].all + k * p->part[k].n,
			       p->part[k].mine, p->part[k].n);
}

static void do_gather(struct place *p)
{
	for (unsigned i = 0; i < p->size; i++)
		memcpy((char *)p->part[0].all + p->part[0].places[i],
		       p->part[i].mine, p->part[i].n);
}

static void do_it(struct place *p)
{
	for (unsigned i = 1; i < p->size; i++)
		cr_assert_eq(p->part[i].what, p->part[0].what,
			     "ranks are out of step");
	switch (p->part[0].what) {
	case MAX_OF:
		do_max(p);
		break;
	case SUM:
		do_sum(p);
		break;
	case TELL:
	case TELL_HOST:
		do_tell(p, p->part[0].what == TELL_HOST);
		break;
	case EXCHANGE:
		do_exchange(p);
		break;
	case GATHER:
		do_gather(p);
		break;
	}
}

static void begin(struct ranks_wire *w, struct part part)
{
	struct wire *wire = wire_of(w);
	struct place *p = wire->place;

	LOCKED(&p->lock);
	p->part[w->rank] = part;
	wire->waits_for = p->done + 1;
	if (++p->arrived < p->size)
		return;
	do_it(p);
	p->arrived = 0;
	p->done++;
}

/* ---- The wire ---- */

static void play_set_host(struct ranks_wire *w, unsigned host)
{
	LOCKED(&wire_of(w)->place->lock);
	wire_of(w)->place->host[w->rank] = host;
}

static void play_max(struct ranks_wire *w, int *value)
{
	begin(w, (struct part){ .what = MAX_OF, .all = value });
}

static void play_sum(struct ranks_wire *w, double *values, size_t n)
{
	begin(w, (struct part){ .what = SUM, .all = values, .n = n });
}

static void play_tell(struct ranks_wire *w, void *data, size_t len, bool host)
{
	begin(w, (struct part){ .what = host ? TELL_HOST : TELL,
				.all = data,
				.n = len });
}

static void play_exchange(struct ranks_wire *w, const void *mine, size_t len,
			  void *all)
{
	begin(w,
	      (struct part){
		      .what = EXCHANGE, .mine = mine, .all = all, .n = len });
}

static void play_gather(struct ranks_wire *w, const void *mine, size_t len,
			void *all, const int *sizes, const int *places)
{
	(void)sizes;
	begin(w, (struct part){ .what = GATHER,
				.mine = mine,
				.all = all,
				.n = len,
				.places = places });
}

static void play_alarm(struct ranks_wire *w)
{
	struct place *p = wire_of(w)->place;

	LOCKED(&p->lock);
	for (unsigned i = 0; i < p->size; i++)
		p->alarm[i] = i != w->rank;
}

static bool play_alarmed(struct ranks_wire *w)
{
	struct place *p = wire_of(w)->place;
	bool rung;

	LOCKED(&p->lock);
	rung = p->alarm[w->rank];
	p->alarm[w->rank] = false;
	return rung;
}

static bool play_test(struct ranks_wire *w)
{
	LOCKED(&wire_of(w)->place->lock);
	return wire_of(w)->place->done >= wire_of(w)->waits_for;
}

static void play_close(struct ranks_wire *w)
{
	(void)w;
}

static void play_abort(struct ranks_wire *w, int status)
{
	(void)status;
	LOCKED(&wire_of(w)->place->lock);
	wire_of(w)->place->aborted++;
}

static const struct ranks_wire_ops play_ops = {
	.set_host = play_set_host,
	.max = play_max,
	.sum = play_sum,
	.tell = play_tell,
	.exchange = play_exchange,
	.gather = play_gather,
	.alarm = play_alarm,
	.alarmed = play_alarmed,
	.test = play_test,
	.close = play_close,
	.abort = play_abort,
};

static void *play(void *arg)
{
	struct wire *w = arg;

	w->fn(&w->rank);
	return NULL;
}

unsigned thread_ranks_run(unsigned size, thread_ranks_fn fn, void *arg)
{
	struct place place = { .lock = PTHREAD_MUTEX_INITIALIZER,
			       .size = size };
	struct wire wire[MOST];
	pthread_t thread[MOST];

	cr_assert_leq(size, MOST);
	for (unsigned i = 0; i < size; i++) {
		wire[i] = (struct wire){
			.base = { .ops = &play_ops, .rank = i, .size = size },
			.place = &place,
			.rank = { &wire[i].base, arg },
			.fn = fn
		};
		cr_assert_eq(pthread_create(&thread[i], NULL, play, &wire[i]),
			     0);
	}
	for (unsigned i = 0; i < size; i++)
		pthread_join(thread[i], NULL);
	return place.aborted;
}
