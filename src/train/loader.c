#include "train/loader.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/slice.h"
#include "train/builder.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

/* How late loader_next() may notice *stop. */
#define STOP_POLL_NS (NS_PER_SEC / 10)

/* Workers have work for milliseconds and are waited for by none but their own
 * loader: who has less to do goes first. */
#define SLICE_NS (NS_PER_SEC / 100)

/* A worker's part is its own, but for what the loader's lock guards. */
struct worker {
	struct loader *loader;
	unsigned number;
	struct builder builder;

	pthread_t thread;
	bool started;
	pthread_cond_t work; /* next < dispatched, or quit */
	uint64_t turn;	     /* guarded: pieces built */
	uint64_t next;	     /* guarded: the piece to build */
};

struct slot {
	struct loader_io io;
	bool ready;
};

struct loader {
	struct loader_setup setup;
	unsigned n_workers;
	struct worker *workers;
	atomic_bool quit;
	struct herald herald; /* the first worker's */
	uint64_t given;	      /* batches, in this pass */
	uint64_t taken;	      /* pieces */

	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t done;  /* the awaited piece is ready, or rc was set */
	uint64_t awaited;
	uint64_t dispatched; /* pieces the workers may build */
	uint64_t n_slots;    /* const; piece p is in slot p % n_slots */
	struct slot *slots;
	struct loader_io io;
	int rc;
};

/* ---- Workers ---- */

static int build(struct worker *w, uint64_t piece, struct loader_io *io)
{
	struct loader *l = w->loader;

	if (w->number == 0 && !l->setup.idle)
		herald_reading(&l->herald, piece);
	return builder_build(&w->builder, piece, io);
}

static void add_io(struct loader_io *to, const struct loader_io *io)
{
	to->samples += io->samples;
	to->bytes += io->bytes;
	to->read_ns += io->read_ns;
	to->check_ns += io->check_ns;
}

/* The first error is everybody's, and is said. */
static void finish(struct worker *w, const struct loader_io *io, int rc)
{
	struct loader *l = w->loader;
	bool first;

	pthread_mutex_lock(&l->lock);
	add_io(&l->io, io);
	first = rc && !l->rc;
	if (first)
		l->rc = rc;
	pthread_mutex_unlock(&l->lock);
	if (first)
		builder_say_fault(&w->builder);
}

/* Under the lock.  Wait for a piece to build.  False: quit. */
static bool get_work(struct worker *w)
{
	struct loader *l = w->loader;

	while (!atomic_load(&l->quit) && (l->rc || w->next >= l->dispatched))
		pthread_cond_wait(&w->work, &l->lock);
	return !atomic_load(&l->quit);
}

/* Under the lock. */
static void hand_over(struct worker *w, uint64_t piece,
		      const struct loader_io *io)
{
	struct loader *l = w->loader;
	struct slot *slot = &l->slots[piece % l->n_slots];

	slot->io = *io;
	slot->ready = true;
	w->next = sampler_piece(l->setup.sampler, w->number, ++w->turn);
	if (piece == l->awaited || l->rc)
		pthread_cond_signal(&l->done);
}

static void *work(void *arg)
{
	struct worker *w = arg;
	struct loader *l = w->loader;

	slice_ask(SLICE_NS);
	pthread_mutex_lock(&l->lock);
	while (get_work(w)) {
		uint64_t piece = w->next;
		bool first = !w->turn;
		struct loader_io io;
		int rc;

		pthread_mutex_unlock(&l->lock);
		if (first)
			builder_begin(&w->builder);
		rc = build(w, piece, &io);
		finish(w, &io, rc);
		pthread_mutex_lock(&l->lock);
		hand_over(w, piece, &io);
	}
	pthread_mutex_unlock(&l->lock);
	return NULL;
}

/* Under the lock.  Let the workers build pieces up to this one. */
static void dispatch(struct loader *l, uint64_t until)
{
	until = MIN(until, l->setup.sampler->pieces);
	for (; l->dispatched < until; l->dispatched++)
		pthread_cond_signal(&l->workers[sampler_worker(l->setup.sampler,
							       l->dispatched)]
					     .work);
}

/* ---- The loader ---- */

static void make_conditions(struct loader *l)
{
	pthread_condattr_t monotonic;

	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_mutex_init(&l->lock, NULL);
	pthread_cond_init(&l->done, &monotonic);
	for (unsigned i = 0; i < l->n_workers; i++)
		pthread_cond_init(&l->workers[i].work, NULL);
	pthread_condattr_destroy(&monotonic);
}

static int make_worker(struct loader *l, unsigned i)
{
	l->workers[i].loader = l;
	l->workers[i].number = i;
	return builder_init(&l->workers[i].builder, &l->setup, i, &l->quit);
}

/* Signals are the main thread's business. */
static int start_thread(struct worker *w)
{
	sigset_t all, before;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&w->thread, NULL, work, w);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc)
		return log_fail(-rc, "start a loader's thread");
	w->started = true;
	pthread_setname_np(w->thread, "loader");
	return 0;
}

uint64_t loader_pytorch_ahead(uint64_t threads, uint64_t prefetch)
{
	if (!threads)
		return 1;
	return prefetch ? round_up(prefetch, threads) : 2 * threads;
}

/* No more than there are pieces, however far ahead somebody would read. */
static uint64_t slots_for(const struct loader_setup *setup)
{
	uint64_t ahead = MIN(setup->ahead, setup->sampler->pieces);

	return setup->threads ? MAX(ahead, setup->threads) : 1;
}

int loader_new(const struct loader_setup *setup, struct loader **out)
{
	struct loader *l = calloc(1, sizeof(*l));
	int rc = -ENOMEM;

	*out = NULL;
	if (!l)
		return log_fail(rc, "a loader");
	l->setup = *setup;
	l->n_slots = slots_for(setup);
	l->n_workers = MAX(setup->threads, 1);
	l->slots = calloc(l->n_slots, sizeof(*l->slots));
	l->workers = calloc(l->n_workers, sizeof(*l->workers));
	if (!l->slots || !l->workers) {
		log_fail(rc, "a loader");
		free(l->slots);
		free(l->workers);
		free(l);
		return rc;
	}
	make_conditions(l);
	rc = herald_init(&l->herald, &setup->herald, setup->sampler,
			 l->n_slots);
	for (unsigned i = 0; !rc && i < l->n_workers; i++)
		rc = make_worker(l, i);
	for (unsigned i = 0; !rc && i < setup->threads; i++)
		rc = start_thread(&l->workers[i]);
	if (rc)
		goto fail;
	*out = l;
	return 0;
fail:
	loader_free(l);
	return rc;
}

void loader_free(struct loader *l)
{
	if (!l)
		return;
	pthread_mutex_lock(&l->lock);
	atomic_store(&l->quit, true);
	for (unsigned i = 0; i < l->n_workers; i++)
		pthread_cond_signal(&l->workers[i].work);
	pthread_mutex_unlock(&l->lock);
	for (unsigned i = 0; i < l->n_workers; i++) {
		struct worker *w = &l->workers[i];

		if (w->started)
			pthread_join(w->thread, NULL);
		pthread_cond_destroy(&w->work);
		builder_clear(&w->builder);
	}
	pthread_cond_destroy(&l->done);
	pthread_mutex_destroy(&l->lock);
	herald_clear(&l->herald);
	free(l->workers);
	free(l->slots);
	free(l);
}

/* Under the lock.  Wait until this piece is ready.  -EINTR: *stop. */
static int await(struct loader *l, uint64_t piece)
{
	const struct slot *slot = &l->slots[piece % l->n_slots];
	const atomic_bool *stop = l->setup.stop;

	l->awaited = piece;
	while (!l->rc && !slot->ready) {
		uint64_t until_ns = clock_ns() + STOP_POLL_NS;
		struct timespec until = { (time_t)(until_ns / NS_PER_SEC),
					  (long)(until_ns % NS_PER_SEC) };

		if (stop && atomic_load(stop))
			return -EINTR;
		pthread_cond_timedwait(&l->done, &l->lock, &until);
	}
	return l->rc;
}

int loader_drain(struct loader *l)
{
	int rc = 0;
	LOCKED(&l->lock);

	for (uint64_t p = l->taken; p < l->dispatched && !rc; p++)
		rc = await(l, p);
	return l->rc ? l->rc : rc;
}

int loader_start(struct loader *l, uint64_t epoch)
{
	int rc = loader_drain(l);
	LOCKED(&l->lock);

	if (!rc)
		rc = sampler_begin(l->setup.sampler, epoch);
	if (rc)
		return rc;
	for (uint64_t i = 0; i < l->n_slots; i++)
		l->slots[i].ready = false;
	for (unsigned i = 0; i < l->n_workers; i++) {
		l->workers[i].turn = 0;
		l->workers[i].next = sampler_piece(l->setup.sampler, i, 0);
	}
	l->given = l->taken = l->dispatched = 0;
	if (l->setup.threads)
		dispatch(l, l->n_slots);
	return 0;
}

/* Without threads: the caller is the worker. */
static int load_now(struct loader *l, uint64_t until, struct loader_io *io)
{
	struct worker *w = &l->workers[0];

	if (!l->taken)
		builder_begin(&w->builder);
	for (; l->taken < until && !l->rc; l->taken++) {
		struct loader_io one;
		int rc = build(w, l->taken, &one);

		finish(w, &one, rc);
		add_io(io, &one);
	}
	return l->rc;
}

static int take(struct loader *l, uint64_t until, struct loader_io *io)
{
	LOCKED(&l->lock);

	for (; l->taken < until; l->taken++) {
		struct slot *slot = &l->slots[l->taken % l->n_slots];
		int rc = await(l, l->taken);

		if (rc)
			return rc;
		add_io(io, &slot->io);
		slot->ready = false;
		dispatch(l, l->taken + 1 + l->n_slots);
	}
	return 0;
}

int loader_next(struct loader *l, struct batch *out)
{
	const struct sampler *s = l->setup.sampler;
	uint64_t begun = l->given * s->per_batch, until;
	int rc;

	if (begun >= s->pieces)
		return 0;
	*out = (struct batch){ .number = l->given };
	until = MIN(begun + s->per_batch + l->setup.shuffled, s->pieces);
	rc = l->setup.threads ? take(l, until, &out->io) :
				load_now(l, until, &out->io);
	if (rc)
		return rc;
	l->given++;
	return 1;
}

void loader_io(struct loader *l, struct loader_io *out)
{
	LOCKED(&l->lock);

	*out = l->io;
}
