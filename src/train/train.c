#include "train/train.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/rng.h"
#include "train/announce.h"
#include "train/compute.h"
#include "train/feed.h"
#include "train/lines.h"
#include "train/pattern.h"
#include "train/saver.h"
#include "train/source.h"
#include "train/source_record.h"
#include "train/stats.h"

#include <errno.h>
#include <string.h>

/* Seeds of a rank's parts: none draws another's numbers. */
enum { SEED_STEP = 1, SEED_EVAL };

struct train {
	const struct train_env *env;
	const struct config *config;
	struct train_result *result;

	/* Around the sources of env, if there is a recorder. */
	struct source *data, *checkpoints;

	struct feed *feed[DATASET_SPLITS];
	struct saver saver;
	struct compute step, eval;

	uint64_t epoch; /* 1, 2, … */
	uint64_t next_eval;
};

/* ---- Helpers ------------------------------------------------------------- */

static struct train_epoch *this_epoch(struct train *t)
{
	return &t->result->epoch[t->result->epochs - 1];
}

static bool stopped(const struct train *t)
{
	return t->env->stop && atomic_load(t->env->stop);
}

static int barrier(const struct train *t)
{
	const struct train_hooks *h = &t->env->hooks;

	return h->barrier ? h->barrier(h->arg) : 0;
}

static uint64_t store_bytes(const struct train *t)
{
	const struct train_hooks *h = &t->env->hooks;

	return h->store_bytes ? h->store_bytes(h->arg) : 0;
}

static struct dlog *log_of_rank_0(const struct train *t)
{
	return t->env->rank == 0 ? t->env->log : NULL;
}

uint64_t train_expected_steps(const struct config *config,
			      const struct dataset *dataset, unsigned ranks)
{
	if (!config->workflow.train || !dataset)
		return 0;
	return feed_expected_steps(config, dataset, DATASET_TRAIN, ranks);
}

uint64_t train_expected_eval_steps(const struct config *config,
				   const struct dataset *dataset,
				   unsigned ranks)
{
	if (!config->workflow.train || !config->workflow.evaluation || !dataset)
		return 0;
	return feed_expected_steps(config, dataset, DATASET_EVAL, ranks);
}

int train_check(const struct config *c, unsigned ranks)
{
	int64_t wanted = c->train.total_training_steps;
	struct sampler_setup samples = {
		.files = c->dataset.num_files_train,
		.samples_per_file = c->dataset.num_samples_per_file,
		.batch = c->reader.batch_size,
		.ranks = ranks,
	};
	uint64_t steps;

	if (!c->workflow.train)
		return 0;
	if (pattern_reads(c) && !reader_can_read(c->dataset.format))
		return log_invalid("the trainer cannot read format %s yet",
				   c->dataset.format);
	if (wanted <= 0)
		return 0;
	steps = sampler_expected_steps(&samples, -1);
	if (steps >= (uint64_t)wanted)
		return 0;
	log_invalid("Only have enough data for %llu steps but %lld wanted "
		    "(train.total_training_steps)",
		    (unsigned long long)steps, (long long)wanted);
	return -EDOM;
}

/* ---- One pass ------------------------------------------------------------ */

/* Where a step's time went; all are values of clock_ns(). */
struct step_times {
	uint64_t asked, loaded, computed;
};

/* 1: a step was taken; 0: the pass is over. */
static int take_step(struct train *t, enum dataset_split split, uint64_t taken,
		     struct step_times *times)
{
	struct feed *feed = t->feed[split];
	struct batch batch;
	int rc;

	if (stopped(t))
		return -EINTR;
	rc = loader_next(feed_loader(feed), &batch);
	if (rc <= 0)
		return rc;
	/* The batch that shows the limit is reached has been waited for. */
	if (taken == feed_steps(feed)) {
		lines_steps_reached(log_of_rank_0(t), clock_ns());
		return 0;
	}
	times->loaded = clock_ns();
	times->computed =
		compute_run(split == DATASET_TRAIN ? &t->step : &t->eval,
			    times->loaded, t->env->stop);
	return stopped(t) ? -EINTR : 1;
}

static int after_step(struct train *t, uint64_t step)
{
	const struct train_hooks *h = &t->env->hooks;
	int rc = barrier(t);

	if (!rc)
		rc = saver_after_step(&t->saver, step);
	if (h->progress)
		h->progress(h->arg, t->epoch, step,
			    feed_steps(t->feed[DATASET_TRAIN]));
	return rc;
}

static int train_pass(struct train *t)
{
	struct stats *stats = t->env->stats;
	struct step_times times;
	uint64_t steps = 0;
	int rc;

	saver_begin_epoch(&t->saver, t->epoch);
	stats_block_start(stats, clock_ns());
	times.asked = clock_ns();
	rc = loader_start(feed_loader(t->feed[DATASET_TRAIN]), t->epoch);
	while (!rc && (rc = take_step(t, DATASET_TRAIN, steps, &times)) > 0) {
		stats_batch(stats, times.loaded - times.asked,
			    times.computed - times.loaded,
			    times.computed - times.asked, times.computed);
		steps = ++this_epoch(t)->steps;
		rc = after_step(t, steps);
		times.asked = clock_ns();
	}
	if (rc)
		return rc;
	stats_block_end(stats, clock_ns());
	rc = barrier(t);
	return rc ? rc : saver_after_epoch(&t->saver, steps);
}

static int eval_pass(struct train *t)
{
	struct stats *stats = t->env->stats;
	struct step_times times;
	uint64_t steps = 0;
	int rc;

	stats_eval_start(stats, clock_ns());
	times.asked = clock_ns();
	rc = loader_start(feed_loader(t->feed[DATASET_EVAL]), t->epoch);
	while (!rc && (rc = take_step(t, DATASET_EVAL, steps, &times)) > 0) {
		stats_eval_batch(stats, times.loaded - times.asked,
				 times.computed - times.loaded,
				 times.computed - times.asked, times.computed);
		steps = ++this_epoch(t)->eval_steps;
		rc = 0;
		times.asked = clock_ns();
	}
	if (!rc)
		stats_eval_end(stats, clock_ns());
	return rc;
}

/* ---- One epoch ----------------------------------------------------------- */

static void drop_caches(struct train *t)
{
	const struct train_hooks *h = &t->env->hooks;

	if (!t->config->dliofs.train.drop_caches)
		return;
	if (h->drop_caches && !h->drop_caches(h->arg))
		return;
	for (int split = 0; split < DATASET_SPLITS; split++)
		if (t->feed[split] && feed_drop(t->feed[split]))
			break; /* said; the report shows what was cached */
}

static void readers_did(struct train *t, struct loader_io *sum)
{
	*sum = (struct loader_io){ 0 };
	for (int split = 0; split < DATASET_SPLITS; split++) {
		struct loader_io io = { 0 };

		if (t->feed[split])
			loader_io(feed_loader(t->feed[split]), &io);
		sum->samples += io.samples;
		sum->bytes += io.bytes;
		sum->read_ns += io.read_ns;
		sum->check_ns += io.check_ns;
	}
}

/* What was read since the loaders and the store stood at these figures. */
static void account(struct train *t, const struct loader_io *before,
		    uint64_t store_before)
{
	struct train_epoch *e = this_epoch(t);
	struct loader_io now;

	readers_did(t, &now);
	e->samples = now.samples - before->samples;
	e->consumed_bytes = now.bytes - before->bytes;
	e->read_ns = now.read_ns - before->read_ns;
	e->check_ns = now.check_ns - before->check_ns;
	e->delivered_bytes = store_bytes(t) - store_before;
	e->delivered_known = t->env->hooks.store_bytes;
	stats_io(t->env->stats, &(struct stats_io){
					.samples = e->samples,
					.consumed_bytes = e->consumed_bytes,
					.delivered_bytes = e->delivered_bytes,
					.delivered_known = e->delivered_known,
					.read_ns = e->read_ns,
					.check_ns = e->check_ns,
				});
}

static int train_and_evaluate(struct train *t)
{
	struct stats *stats = t->env->stats;
	int rc;

	stats_train_start(stats, clock_ns());
	rc = train_pass(t);
	if (rc)
		return rc;
	stats_train_end(stats, clock_ns());
	if (!t->config->workflow.evaluation || t->epoch < t->next_eval)
		return 0;
	t->next_eval += t->config->evaluation.epochs_between_evals;
	return eval_pass(t);
}

/* Batches that were read for nothing belong to the epoch, but waiting for them
 * is not part of its time. */
static int drain(struct train *t)
{
	int rc = 0;

	for (int split = 0; split < DATASET_SPLITS && !rc; split++)
		if (t->feed[split])
			rc = loader_drain(feed_loader(t->feed[split]));
	return rc;
}

static int run_epoch(struct train *t)
{
	uint64_t store_before, from_ns, end_ns;
	struct loader_io before;
	int rc;

	drop_caches(t);
	rc = barrier(t);
	if (rc)
		return rc;
	readers_did(t, &before);
	store_before = store_bytes(t);
	t->result->epochs++;
	from_ns = clock_ns();
	stats_epoch_start(t->env->stats, from_ns);
	rc = train_and_evaluate(t);
	end_ns = clock_ns();
	this_epoch(t)->wall_ns = end_ns - from_ns;
	if (!rc)
		rc = drain(t);
	if (!rc)
		rc = barrier(t); /* what the store delivers is for all */
	account(t, &before, store_before);
	if (!rc)
		stats_epoch_end(t->env->stats, end_ns);
	return rc;
}

/* ---- The run ------------------------------------------------------------- */

/* DLIO tells nobody. */
static bool announces(const struct train *t)
{
	return t->config->dliofs.train.announce &&
	       !t->config->dliofs.train.compat_strict;
}

static int open_feed(struct train *t, enum dataset_split split)
{
	const struct train_hooks *h = &t->env->hooks;

	return feed_new(
		&(struct feed_setup){
			.config = t->config,
			.dataset = t->env->dataset,
			.source = t->data,
			.split = split,
			.rank = t->env->rank,
			.ranks = t->env->ranks,
			.generated = t->env->generated,
			.announce = announces(t) ? h->announce : NULL,
			.announce_arg = h->arg,
			.stop = t->env->stop,
		},
		&t->feed[split]);
}

static int run_epochs(struct train *t)
{
	uint64_t epochs = t->config->train.epochs;
	int rc;

	if (!t->env->dataset || (!t->env->data && pattern_reads(t->config)))
		return log_invalid("there is no dataset to train on");
	rc = open_feed(t, DATASET_TRAIN);
	if (!rc && t->config->workflow.evaluation)
		rc = open_feed(t, DATASET_EVAL);
	if (rc)
		return rc;
	t->result->epoch = calloc(epochs + 1, sizeof(*t->result->epoch));
	if (!t->result->epoch)
		return log_fail(-ENOMEM, "%llu epochs",
				(unsigned long long)epochs);
	t->next_eval = t->config->evaluation.eval_after_epoch;
	rc = announce_run(log_of_rank_0(t), t->config, t->env->ranks, t->feed);
	for (t->epoch = 1; t->epoch <= epochs && !rc; t->epoch++)
		rc = run_epoch(t);
	return rc;
}

/* out is NULL where there is no source. */
static int record(const struct train *t, struct source *s, struct source **out)
{
	*out = s;
	if (!s || !t->env->recorder)
		return 0;
	return source_record_new(s, t->env->recorder, out);
}

static int set_up(struct train *t)
{
	const struct train_env *env = t->env;
	uint64_t seed = rng_mix((uint64_t)t->config->train.seed, env->rank);
	int rc;

	compute_init(&t->step, &t->config->train.computation_time,
		     rng_mix(seed, SEED_STEP));
	compute_init(&t->eval, &t->config->evaluation.eval_time,
		     rng_mix(seed, SEED_EVAL));
	rc = record(t, env->data, &t->data);
	if (!rc)
		rc = record(t, env->checkpoints, &t->checkpoints);
	if (rc)
		return log_fail(rc, "a source that records");
	return saver_open(&t->saver, env, t->checkpoints, t->result);
}

static void tear_down(struct train *t)
{
	for (int split = 0; split < DATASET_SPLITS; split++)
		feed_free(t->feed[split]);
	saver_close(&t->saver);
	if (t->data != t->env->data)
		source_free(t->data);
	if (t->checkpoints != t->env->checkpoints)
		source_free(t->checkpoints);
}

int train_run(const struct train_env *env, struct train_result *out)
{
	struct train t = {
		.env = env,
		.config = env->config,
		.result = out,
	};
	int rc;

	*out = (struct train_result){ 0 };
	rc = set_up(&t);
	if (!rc && t.config->workflow.train)
		rc = run_epochs(&t);
	else if (!rc && t.config->workflow.checkpoint) {
		rc = announce_run(log_of_rank_0(&t), t.config, env->ranks,
				  t.feed);
		rc = rc ? rc : saver_run(&t.saver);
	}
	tear_down(&t);
	return rc;
}

void train_result_clear(struct train_result *r)
{
	free(r->epoch);
	*r = (struct train_result){ 0 };
}
