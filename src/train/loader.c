#include "train/loader.h"

#include "base/clock.h"
#include "base/log.h"
#include "train/compute.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

/* How late loader_next() may notice *stop. */
#define STOP_POLL_NS (NS_PER_SEC / 10)

/* A worker's part is its own, but for what the loader's lock guards. */
struct worker {
	struct loader *loader;
	struct reader *reader;
	struct compute preprocess;
	uint8_t *seen; /* read_type memory: a bit per file */

	pthread_t thread;
	bool started;
	pthread_cond_t work; /* next < dispatched, or quit */
	uint64_t next;	     /* guarded: the batch to build */
};

struct slot {
	struct batch batch;
	bool ready;
};

struct loader {
	struct loader_setup setup;
	unsigned n_workers;
	struct worker *workers;
	atomic_bool quit;
	struct herald herald; /* of whoever reads a row's first batch */
	uint64_t taken;	      /* by loader_next(), in this pass */

	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t done;  /* a batch became ready, or rc was set */
	uint64_t dispatched;  /* batches the workers may build */
	uint64_t n_slots;     /* const; batch b is in slot b % n_slots */
	struct slot *slots;
	struct loader_io io;
	int rc;
};

/* ---- Building a batch ---- */

static bool seen_before(struct worker *w, uint64_t file)
{
	uint8_t bit = (uint8_t)(1u << file % 8);
	bool before;

	if (!w->seen)
		return false;
	before = w->seen[file / 8] & bit;
	w->seen[file / 8] |= bit;
	return before;
}

static int load_sample(struct worker *w, struct sampler_place place,
		       struct loader_io *io)
{
	const struct loader_setup *setup = &w->loader->setup;
	struct reader_cost cost;
	struct loader_file file;
	int rc;

	rc = setup->file(setup->arg, place.file, &file);
	if (rc)
		return rc;
	rc = reader_read(w->reader,
			 &(struct reader_file){
				 .name = file.name,
				 .sample = place.sample,
				 .kept = seen_before(w, place.file),
				 .size = file.size,
				 .crc = file.has_crc ? &file.crc : NULL,
			 },
			 &cost);
	io->bytes += cost.bytes;
	io->read_ns += cost.read_ns;
	io->check_ns += cost.check_ns;
	return rc;
}

static int load_batch(struct worker *w, uint64_t number, struct batch *out)
{
	const struct loader_setup *setup = &w->loader->setup;

	*out = (struct batch){ .number = number };
	herald_reading(&w->loader->herald, number);
	for (uint64_t i = 0; i < setup->sampler.batch; i++) {
		int rc;

		if (atomic_load(&w->loader->quit))
			return -ECANCELED;
		rc = load_sample(w, sampler_place(&setup->sampler, number, i),
				 &out->io);
		if (rc)
			return rc;
		out->io.samples++;
		compute_run(&w->preprocess, clock_ns(), &w->loader->quit);
	}
	return 0;
}

/* ---- Workers ---- */

static void add_io(struct loader_io *to, const struct loader_io *io)
{
	to->samples += io->samples;
	to->bytes += io->bytes;
	to->read_ns += io->read_ns;
	to->check_ns += io->check_ns;
}

/* The first error is everybody's, and is said. */
static void finish(struct worker *w, const struct batch *batch, int rc)
{
	struct loader *l = w->loader;
	bool first;

	pthread_mutex_lock(&l->lock);
	add_io(&l->io, &batch->io);
	first = rc && !l->rc;
	if (first)
		l->rc = rc;
	pthread_mutex_unlock(&l->lock);
	if (first && *reader_fault(w->reader))
		log_error("%s", reader_fault(w->reader));
}

/* Under the lock.  Wait for a batch to build.  False: quit. */
static bool get_work(struct worker *w)
{
	struct loader *l = w->loader;

	while (!atomic_load(&l->quit) && (l->rc || w->next >= l->dispatched))
		pthread_cond_wait(&w->work, &l->lock);
	return !atomic_load(&l->quit);
}

static void *work(void *arg)
{
	struct worker *w = arg;
	struct loader *l = w->loader;

	pthread_mutex_lock(&l->lock);
	while (get_work(w)) {
		uint64_t number = w->next;
		struct slot *slot = &l->slots[number % l->n_slots];
		struct batch batch;
		int rc;

		pthread_mutex_unlock(&l->lock);
		rc = load_batch(w, number, &batch);
		finish(w, &batch, rc);
		pthread_mutex_lock(&l->lock);
		slot->batch = batch;
		slot->ready = true;
		w->next += l->n_workers;
		pthread_cond_signal(&l->done);
	}
	pthread_mutex_unlock(&l->lock);
	return NULL;
}

/* Under the lock.  Let the workers build batches up to this one. */
static void dispatch(struct loader *l, uint64_t until)
{
	until = MIN(until, l->setup.sampler.batches);
	for (; l->dispatched < until; l->dispatched++)
		pthread_cond_signal(
			&l->workers[l->dispatched % l->n_workers].work);
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
	const struct loader_setup *setup = &l->setup;
	struct worker *w = &l->workers[i];

	w->loader = l;
	compute_init(&w->preprocess, &setup->preprocess,
		     rng_mix(setup->seed, i));
	if (setup->memory) {
		w->seen = calloc(setup->sampler.files / 8 + 1, 1);
		if (!w->seen)
			return log_fail(-ENOMEM, "a loader");
	}
	return reader_new(&setup->reader, &w->reader);
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

static uint64_t slots_for(const struct loader_setup *setup)
{
	uint64_t factor = 2;

	if (!setup->threads)
		return 1;
	if (setup->prefetch)
		factor =
			(setup->prefetch + setup->threads - 1) / setup->threads;
	return factor * setup->threads;
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
	herald_init(&l->herald, &setup->herald, &setup->sampler, l->n_workers,
		    l->n_slots);
	rc = 0;
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
		reader_free(w->reader);
		free(w->seen);
	}
	pthread_cond_destroy(&l->done);
	pthread_mutex_destroy(&l->lock);
	free(l->workers);
	free(l->slots);
	free(l);
}

/* Under the lock.  Wait for a sign from a worker; -EINTR: *stop. */
static int wait_done(struct loader *l)
{
	const atomic_bool *stop = l->setup.stop;
	uint64_t until_ns = clock_ns() + STOP_POLL_NS;
	struct timespec until = { (time_t)(until_ns / NS_PER_SEC),
				  (long)(until_ns % NS_PER_SEC) };

	if (stop && atomic_load(stop))
		return -EINTR;
	pthread_cond_timedwait(&l->done, &l->lock, &until);
	return 0;
}

int loader_drain(struct loader *l)
{
	int rc = 0;
	LOCKED(&l->lock);

	for (uint64_t b = l->taken; b < l->dispatched; b++)
		while (!rc && !l->rc && !l->slots[b % l->n_slots].ready)
			rc = wait_done(l);
	return l->rc ? l->rc : rc;
}

int loader_start(struct loader *l)
{
	int rc = loader_drain(l);
	LOCKED(&l->lock);

	if (rc)
		return rc;
	for (uint64_t i = 0; i < l->n_slots; i++)
		l->slots[i].ready = false;
	for (unsigned i = 0; i < l->n_workers; i++)
		l->workers[i].next = i;
	l->taken = l->dispatched = 0;
	if (l->setup.threads)
		dispatch(l, l->n_slots);
	return 0;
}

/* Without threads: the caller is the worker. */
static int load_now(struct loader *l, struct batch *out)
{
	struct worker *w = &l->workers[0];
	int rc;

	if (l->rc)
		return l->rc;
	rc = load_batch(w, l->taken, out);
	finish(w, out, rc);
	if (rc)
		return rc;
	l->taken++;
	return 1;
}

int loader_next(struct loader *l, struct batch *out)
{
	struct slot *slot = &l->slots[l->taken % l->n_slots];

	if (l->taken == l->setup.sampler.batches)
		return 0;
	if (!l->setup.threads)
		return load_now(l, out);

	LOCKED(&l->lock);
	while (!l->rc && !slot->ready) {
		int rc = wait_done(l);

		if (rc)
			return rc;
	}
	if (l->rc)
		return l->rc;
	*out = slot->batch;
	slot->ready = false;
	l->taken++;
	dispatch(l, l->taken + l->n_slots);
	return 1;
}

void loader_io(struct loader *l, struct loader_io *out)
{
	LOCKED(&l->lock);

	*out = l->io;
}
