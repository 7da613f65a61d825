#include "train/announce.h"

#include "base/clock.h"
#include "base/log.h"
#include "config/config.h"
#include "train/lines.h"
#include "train/model.h"
#include "train/shard.h"

static uint64_t used(struct feed *const feed[DATASET_SPLITS],
		     enum dataset_split split)
{
	return feed[split] ? feed_files_used(feed[split]) : 0;
}

static void say_more(struct dlog *d, const struct config *c,
		     const struct feed *f, bool eval)
{
	if (f && feed_files(f) > feed_files_wanted(f))
		lines_more_files(d, c, eval, feed_files(f),
				 feed_files_wanted(f));
}

static void say_trimmed(struct dlog *d, const struct feed *f, bool eval)
{
	if (f && feed_files_used(f) < feed_files_wanted(f))
		lines_trimmed(d, eval, feed_files_wanted(f),
			      feed_files_used(f));
}

static int say_checkpoint(struct dlog *d, const struct config *c,
			  unsigned ranks)
{
	uint64_t now_ns = clock_ns();
	struct model_sizes sizes;
	int rc = model_sizes(c, ranks, &sizes);

	if (rc)
		return log_fail(rc, "memory for the model's layers");
	lines_model(d, c, ranks, shard_parameters(c), now_ns);
	lines_checkpoint_size(d, c, sizes.model_bytes, sizes.optimizer_bytes,
			      now_ns);
	return 0;
}

int announce_run(struct dlog *d, const struct config *c, unsigned ranks,
		 struct feed *const feed[DATASET_SPLITS])
{
	int rc = 0;

	say_more(d, c, feed[DATASET_TRAIN], false);
	say_more(d, c, feed[DATASET_EVAL], true);
	say_trimmed(d, feed[DATASET_TRAIN], false);
	say_trimmed(d, feed[DATASET_EVAL], true);
	if (c->workflow.checkpoint)
		rc = say_checkpoint(d, c, ranks);
	if (!rc && c->workflow.train)
		lines_steps(d, c, ranks, used(feed, DATASET_TRAIN),
			    used(feed, DATASET_EVAL), clock_ns());
	return rc;
}
