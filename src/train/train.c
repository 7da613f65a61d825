#include "train/train.h"

#include "base/log.h"
#include "base/rng.h"
#include "train/announce.h"
#include "train/epochs.h"
#include "train/pattern.h"
#include "train/source.h"
#include "train/source_record.h"

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

	struct saver saver;
	struct epochs epochs;
};

/* ---- Before the run ------------------------------------------------------ */

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
		return log_invalid("the trainer cannot read format %s",
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
		&t->epochs.feed[split]);
}

static int run_epochs(struct train *t)
{
	uint64_t n = t->config->train.epochs;
	int rc;

	if (!t->env->dataset || (!t->env->data && pattern_reads(t->config)))
		return log_invalid("there is no dataset to train on");
	rc = open_feed(t, DATASET_TRAIN);
	if (!rc && t->config->workflow.evaluation)
		rc = open_feed(t, DATASET_EVAL);
	if (rc)
		return rc;
	t->result->epoch = calloc(n + 1, sizeof(*t->result->epoch));
	if (!t->result->epoch)
		return log_fail(-ENOMEM, "%llu epochs", (unsigned long long)n);
	rc = announce_run(t->epochs.log, t->config, t->env->ranks,
			  t->epochs.feed);
	for (uint64_t i = 0; i < n && !rc; i++)
		rc = epochs_next(&t->epochs);
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

	t->epochs = (struct epochs){
		.env = env,
		.log = env->rank == 0 ? env->log : NULL,
		.saver = &t->saver,
		.result = t->result,
		.next_eval = t->config->evaluation.eval_after_epoch,
	};
	compute_init(&t->epochs.step, &t->config->train.computation_time,
		     rng_mix(seed, SEED_STEP));
	compute_init(&t->epochs.eval, &t->config->evaluation.eval_time,
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
		feed_free(t->epochs.feed[split]);
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
		rc = announce_run(t.epochs.log, t.config, env->ranks,
				  t.epochs.feed);
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
