#include "train/access.h"

#include "base/clock.h"
#include "base/log.h"
#include "train/feed.h"
#include "train/pattern.h"
#include "train/source.h"
#include "train/source_record.h"

#include <errno.h>

double access_samples_per_second(const struct access_result *r)
{
	return r->wall_ns ? (double)r->samples / (double)r->wall_ns *
				    (double)NS_PER_SEC :
			    0;
}

static int read_all(struct loader *l, struct access_result *out)
{
	uint64_t from_ns = clock_ns();
	struct batch batch;
	int rc;

	rc = loader_start(l, 1);
	while (!rc) {
		rc = loader_next(l, &batch);
		if (rc <= 0)
			break;
		out->samples += batch.io.samples;
		out->bytes += batch.io.bytes;
		out->read_ns += batch.io.read_ns;
		out->check_ns += batch.io.check_ns;
		rc = 0;
	}
	out->wall_ns = clock_ns() - from_ns;
	return rc;
}

static int run(const struct access_setup *setup, struct source *source,
	       struct access_result *out)
{
	struct feed *feed;
	int rc;

	rc = feed_new(
		&(struct feed_setup){
			.config = setup->config,
			.dataset = setup->dataset,
			.source = source,
			.split = DATASET_TRAIN,
			.rank = setup->rank,
			.ranks = setup->ranks,
			.generated = setup->generated,
			.no_preprocess = true,
			.stop = setup->stop,
		},
		&feed);
	if (rc)
		return rc;
	if (setup->drop)
		rc = feed_drop(feed);
	if (!rc)
		rc = read_all(feed_loader(feed), out);
	feed_free(feed);
	return rc;
}

int access_run(const struct access_setup *setup, struct access_result *out)
{
	struct source *recorded = NULL;
	int rc = 0;

	*out = (struct access_result){ 0 };
	if (!pattern_reads(setup->config))
		return log_invalid("reader.data_loader: this one reads nothing "
				   "that could be measured");
	if (setup->recorder)
		rc = source_record_new(setup->source, setup->recorder,
				       &recorded);
	if (rc)
		return log_fail(rc, "a source that records");
	rc = run(setup, recorded ? recorded : setup->source, out);
	source_free(recorded);
	return rc;
}
