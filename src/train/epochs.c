#include "train/epochs.h"

#include "base/clock.h"
#include "config/config.h"
#include "train/lines.h"
#include "train/stats.h"
#include "train/train.h"

#include <errno.h>

/* ---- Helpers ------------------------------------------------------------- */

static struct train_epoch *this_epoch(struct epochs *e)
{
	return &e->result->epoch[e->result->epochs - 1];
}

static bool stopped(const struct epochs *e)
{
	return e->env->stop && atomic_load(e->env->stop);
}

static int barrier(const struct epochs *e)
{
	const struct train_hooks *h = &e->env->hooks;

	return h->barrier ? h->barrier(h->arg) : 0;
}

static uint64_t store_bytes(const struct epochs *e)
{
	const struct train_hooks *h = &e->env->hooks;

	return h->store_bytes ? h->store_bytes(h->arg) : 0;
}

/* ---- One pass ------------------------------------------------------------ */

/* Where a step's time went; all are values of clock_ns(). */
struct step_times {
	uint64_t asked, loaded, computed;
};

/* 1: a step was taken; 0: the pass is over. */
static int take_step(struct epochs *e, enum dataset_split split, uint64_t taken,
		     struct step_times *times)
{
	struct feed *feed = e->feed[split];
	struct batch batch;
	int rc;

	if (stopped(e))
		return -EINTR;
	rc = loader_next(feed_loader(feed), &batch);
	if (rc <= 0)
		return rc;
	/* The batch that shows the limit is reached has been waited for. */
	if (taken == feed_steps(feed)) {
		lines_steps_reached(e->log, clock_ns());
		return 0;
	}
	times->loaded = clock_ns();
	times->computed =
		compute_run(split == DATASET_TRAIN ? &e->step : &e->eval,
			    times->loaded, e->env->stop);
	return stopped(e) ? -EINTR : 1;
}

static int after_step(struct epochs *e, uint64_t step)
{
	const struct train_hooks *h = &e->env->hooks;
	int rc = barrier(e);

	if (!rc)
		rc = saver_after_step(e->saver, step);
	if (h->progress)
		h->progress(h->arg, e->number, step,
			    feed_steps(e->feed[DATASET_TRAIN]));
	return rc;
}

static int train_pass(struct epochs *e)
{
	struct stats *stats = e->env->stats;
	struct step_times times;
	uint64_t steps = 0;
	int rc;

	saver_begin_epoch(e->saver, e->number);
	stats_block_start(stats, clock_ns());
	times.asked = clock_ns();
	rc = loader_start(feed_loader(e->feed[DATASET_TRAIN]), e->number);
	while (!rc && (rc = take_step(e, DATASET_TRAIN, steps, &times)) > 0) {
		stats_batch(stats, times.loaded - times.asked,
			    times.computed - times.loaded,
			    times.computed - times.asked, times.computed);
		steps = ++this_epoch(e)->steps;
		rc = after_step(e, steps);
		times.asked = clock_ns();
	}
	if (rc)
		return rc;
	stats_block_end(stats, clock_ns());
	rc = barrier(e);
	return rc ? rc : saver_after_epoch(e->saver, steps);
}

static int eval_pass(struct epochs *e)
{
	struct stats *stats = e->env->stats;
	struct step_times times;
	uint64_t steps = 0;
	int rc;

	stats_eval_start(stats, clock_ns());
	times.asked = clock_ns();
	rc = loader_start(feed_loader(e->feed[DATASET_EVAL]), e->number);
	while (!rc && (rc = take_step(e, DATASET_EVAL, steps, &times)) > 0) {
		stats_eval_batch(stats, times.loaded - times.asked,
				 times.computed - times.loaded,
				 times.computed - times.asked, times.computed);
		steps = ++this_epoch(e)->eval_steps;
		rc = 0;
		times.asked = clock_ns();
	}
	if (!rc)
		stats_eval_end(stats, clock_ns());
	return rc;
}

/* ---- One epoch ----------------------------------------------------------- */

static void drop_caches(struct epochs *e)
{
	const struct train_hooks *h = &e->env->hooks;

	if (!e->env->config->dliofs.train.drop_caches)
		return;
	if (h->drop_caches && !h->drop_caches(h->arg))
		return;
	for (int split = 0; split < DATASET_SPLITS; split++)
		if (e->feed[split] && feed_drop(e->feed[split]))
			break; /* said; the report shows what was cached */
}

static void readers_did(struct epochs *e, struct loader_io *sum)
{
	*sum = (struct loader_io){ 0 };
	for (int split = 0; split < DATASET_SPLITS; split++) {
		struct loader_io io = { 0 };

		if (e->feed[split])
			loader_io(feed_loader(e->feed[split]), &io);
		sum->samples += io.samples;
		sum->bytes += io.bytes;
		sum->read_ns += io.read_ns;
		sum->check_ns += io.check_ns;
	}
}

/* What was read since the loaders and the store stood at these figures. */
static void account(struct epochs *e, const struct loader_io *before,
		    uint64_t store_before)
{
	struct train_epoch *to = this_epoch(e);
	struct loader_io now;

	readers_did(e, &now);
	to->samples = now.samples - before->samples;
	to->consumed_bytes = now.bytes - before->bytes;
	to->read_ns = now.read_ns - before->read_ns;
	to->check_ns = now.check_ns - before->check_ns;
	to->delivered_bytes = store_bytes(e) - store_before;
	to->delivered_known = e->env->hooks.store_bytes;
	stats_io(e->env->stats, &(struct stats_io){
					.samples = to->samples,
					.consumed_bytes = to->consumed_bytes,
					.delivered_bytes = to->delivered_bytes,
					.delivered_known = to->delivered_known,
					.read_ns = to->read_ns,
					.check_ns = to->check_ns,
				});
}

static int train_and_evaluate(struct epochs *e)
{
	struct stats *stats = e->env->stats;
	int rc;

	stats_train_start(stats, clock_ns());
	rc = train_pass(e);
	if (rc)
		return rc;
	stats_train_end(stats, clock_ns());
	if (!e->env->config->workflow.evaluation || e->number < e->next_eval)
		return 0;
	e->next_eval += e->env->config->evaluation.epochs_between_evals;
	return eval_pass(e);
}

/* Batches that were read for nothing belong to the epoch, but waiting for them
 * is not part of its time. */
static int drain(struct epochs *e)
{
	int rc = 0;

	for (int split = 0; split < DATASET_SPLITS && !rc; split++)
		if (e->feed[split])
			rc = loader_drain(feed_loader(e->feed[split]));
	return rc;
}

int epochs_next(struct epochs *e)
{
	uint64_t store_before, from_ns, end_ns;
	struct loader_io before;
	int rc;

	e->number++;
	drop_caches(e);
	/* Before the barrier: others read as soon as they are behind it. */
	store_before = store_bytes(e);
	rc = barrier(e);
	if (rc)
		return rc;
	readers_did(e, &before);
	e->result->epochs++;
	from_ns = clock_ns();
	stats_epoch_start(e->env->stats, from_ns);
	rc = train_and_evaluate(e);
	end_ns = clock_ns();
	this_epoch(e)->wall_ns = end_ns - from_ns;
	if (!rc)
		rc = drain(e);
	if (!rc)
		rc = barrier(e); /* what the store delivers is for all */
	account(e, &before, store_before);
	if (!rc)
		stats_epoch_end(e->env->stats, end_ns);
	return rc;
}
