#include "train/saver.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/rng.h"
#include "train/checkpoint.h"
#include "train/lines.h"
#include "train/stats.h"
#include "train/train.h"

#include <errno.h>

static int barrier(const struct saver *s)
{
	const struct train_hooks *h = &s->env->hooks;

	return h->barrier ? h->barrier(h->arg) : 0;
}

int saver_open(struct saver *s, const struct train_env *env,
	       struct source *source, struct train_result *result)
{
	const struct config *config = env->config;

	*s = (struct saver){ .env = env, .result = result };
	if (!config->workflow.checkpoint)
		return 0;
	if (!source)
		return log_invalid("there is no folder for checkpoints");
	s->next_epoch = config->checkpoint.checkpoint_after_epoch;
	compute_init(&s->pause, &config->checkpoint.time_between_checkpoints,
		     rng_mix((uint64_t)config->train.seed, env->rank));
	return checkpoint_new(
		&(struct checkpoint_setup){
			.config = config,
			.source = source,
			.log = env->log,
			.rank = env->rank,
			.ranks = env->ranks,
			.node_ranks = env->node_ranks,
			.stop = env->stop,
		},
		&s->checkpoint);
}

void saver_close(struct saver *s)
{
	checkpoint_free(s->checkpoint);
	s->checkpoint = NULL;
}

/* All that was to be moved has been, and with sync by all ranks. */
static int end(struct saver *s, uint64_t bytes, bool sync)
{
	int rc = sync ? barrier(s) : 0;

	if (!rc)
		stats_checkpoint_end(s->env->stats, bytes, clock_ns());
	return rc;
}

/* number: of the block, or of the checkpoint; step: what the statistics call
 * it; folder: what its folder is called. */
static int save(struct saver *s, unsigned number, uint64_t step,
		uint64_t folder, bool sync)
{
	uint64_t bytes = 0;
	int rc;

	stats_checkpoint_start(s->env->stats, STATS_SAVE, number, step,
			       clock_ns());
	rc = checkpoint_save(s->checkpoint, s->epoch, folder, &bytes);
	if (rc)
		return rc;
	rc = end(s, bytes, sync);
	if (rc)
		return rc;
	s->result->saves++;
	s->result->saved_bytes += bytes;
	return 0;
}

static int load(struct saver *s, unsigned number, bool sync)
{
	uint64_t bytes = 0;
	int rc;

	stats_checkpoint_start(s->env->stats, STATS_LOAD, number, number,
			       clock_ns());
	rc = checkpoint_load(s->checkpoint, s->epoch, number, &bytes);
	s->result->load_check_ns = checkpoint_check_ns(s->checkpoint);
	if (rc)
		return rc;
	rc = end(s, bytes, sync);
	if (rc)
		return rc;
	s->result->loads++;
	s->result->loaded_bytes += bytes;
	return 0;
}

/* steps_between_checkpoints decides between the two ways. */
static bool saves_by_step(const struct saver *s)
{
	return s->checkpoint &&
	       s->env->config->checkpoint.steps_between_checkpoints >= 0;
}

void saver_begin_epoch(struct saver *s, uint64_t epoch)
{
	s->epoch = epoch;
	s->block = 1;
	s->next_step =
		(uint64_t)s->env->config->checkpoint.steps_between_checkpoints;
}

int saver_after_step(struct saver *s, uint64_t step)
{
	int rc;

	if (!saves_by_step(s) || step != s->next_step)
		return 0;
	s->next_step +=
		(uint64_t)s->env->config->checkpoint.steps_between_checkpoints;
	stats_block_end(s->env->stats, clock_ns());
	rc = save(s, s->block, step, step, false);
	if (rc)
		return rc;
	/* Even if no step follows. */
	s->block++;
	stats_block_start(s->env->stats, clock_ns());
	return 0;
}

/* DLIO names the folder after the step that would come next. */
int saver_after_epoch(struct saver *s, uint64_t steps)
{
	if (!s->checkpoint || saves_by_step(s) || s->epoch != s->next_epoch)
		return 0;
	s->next_epoch += s->env->config->checkpoint.epochs_between_checkpoints;
	return save(s, s->block, steps, steps + 1, false);
}

/* time_between_checkpoints, then all ranks together. */
static int rest(struct saver *s)
{
	compute_run(&s->pause, clock_ns(), s->env->stop);
	if (s->env->stop && atomic_load(s->env->stop))
		return -EINTR;
	return barrier(s);
}

static int enough_to_load(struct saver *s, uint64_t wanted)
{
	uint64_t there;
	int rc = checkpoint_count(s->checkpoint, &there);

	if (rc || there >= wanted)
		return rc;
	return log_invalid("Number of checkpoints to be read: %llu is more "
			   "than the number of checkpoints available: %llu "
			   "(in %s)",
			   (unsigned long long)wanted,
			   (unsigned long long)there,
			   s->env->config->checkpoint.checkpoint_folder);
}

static void say(const struct saver *s, const char *what)
{
	if (s->env->rank == 0)
		lines_checkpointing(s->env->log, what, clock_ns());
}

/* Each of epoch 1, in folders of step 1, 2, … */
static int save_all(struct saver *s, int64_t writes)
{
	bool sync = s->env->config->checkpoint.rank_sync;
	int rc = 0;

	say(s, "write started");
	for (int64_t i = 1; i <= writes && !rc; i++) {
		rc = rest(s);
		if (!rc)
			rc = save(s, (unsigned)i, (uint64_t)i, (uint64_t)i,
				  sync);
	}
	if (!rc)
		say(s, "write finished");
	return rc;
}

/* What was just written would come from memory. */
static void drop_caches(struct saver *s, uint64_t checkpoints)
{
	const struct train_hooks *h = &s->env->hooks;

	if (!s->env->config->dliofs.train.drop_caches)
		return;
	if (h->drop_caches && !h->drop_caches(h->arg))
		return;
	for (uint64_t i = 1; i <= checkpoints; i++)
		if (checkpoint_drop(s->checkpoint, s->epoch, i))
			break; /* said; the report shows what was cached */
}

static int load_all(struct saver *s, int64_t reads)
{
	bool sync = s->env->config->checkpoint.rank_sync;
	int rc = enough_to_load(s, (uint64_t)reads);

	if (rc)
		return rc;
	drop_caches(s, (uint64_t)reads);
	say(s, "read started");
	for (int64_t i = 1; i <= reads && !rc; i++) {
		rc = rest(s);
		if (!rc)
			rc = load(s, (unsigned)i, sync);
	}
	/* DLIO's word here is "write started", by mistake. */
	if (!rc)
		say(s, "read finished");
	return rc;
}

static int save_and_load(struct saver *s)
{
	int64_t writes = s->env->config->checkpoint.num_checkpoints_write;
	int64_t reads = s->env->config->checkpoint.num_checkpoints_read;
	int rc = 0;

	s->epoch = 1;
	if (writes > 0)
		rc = save_all(s, writes);
	if (!rc && reads > 0)
		rc = barrier(s); /* all is written */
	if (!rc && reads > 0)
		rc = load_all(s, reads);
	return rc;
}

int saver_run(struct saver *s)
{
	int rc;

	stats_epoch_start(s->env->stats, clock_ns());
	rc = save_and_load(s);
	if (!rc)
		stats_epoch_end(s->env->stats, clock_ns());
	return rc;
}
