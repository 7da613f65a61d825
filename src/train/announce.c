#include "train/announce.h"

#include "base/clock.h"
#include "config/config.h"
#include "train/checkpoint.h"
#include "train/lines.h"

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

void announce_run(struct dlog *d, const struct config *c, unsigned ranks,
		  struct feed *const feed[DATASET_SPLITS])
{
	say_more(d, c, feed[DATASET_TRAIN], false);
	say_more(d, c, feed[DATASET_EVAL], true);
	say_trimmed(d, feed[DATASET_TRAIN], false);
	say_trimmed(d, feed[DATASET_EVAL], true);
	if (c->workflow.checkpoint)
		lines_checkpoint_size(d, c, checkpoint_bytes(c, ranks), 0,
				      clock_ns());
	if (c->workflow.train)
		lines_steps(d, c, ranks, used(feed, DATASET_TRAIN),
			    used(feed, DATASET_EVAL), clock_ns());
}
