#include "app/lifecycle.h"

#include "app/generation.h"
#include "app/training.h"
#include "base/clock.h"
#include "base/log.h"
#include "train/lines.h"

#include <errno.h>

static int generate(struct run *r)
{
	int rc;

	lines_generation_started(run_front(r), r->workload.config, clock_ns());
	rc = generation_run(&r->workload, r->cli, r->ranks);
	if (!rc)
		lines_generation_done(run_front(r), clock_ns());
	return rc;
}

/* What DLIO found is DLIO's to delete, too. */
static bool shall_remove(const struct run *r)
{
	const struct config *c = r->workload.config;

	if (c->dataset.keep_files)
		return false;
	if (r->as_dlio)
		return c->workflow.train;
	return c->workflow.generate_data;
}

static int remove_data(struct run *r)
{
	const char *folder = stores_folder(r->workload.data_uri);
	int rc = generation_remove(&r->workload);

	if (rc || !r->as_dlio || !folder)
		return rc;
	/* DLIO leaves no folder either; what else is in it stays. */
	if (rmdir(folder) && errno != ENOTEMPTY && errno != EEXIST)
		return log_fail(-errno, "remove %s", folder);
	return 0;
}

int lifecycle_run(struct run *r)
{
	const struct config *c = r->workload.config;
	int rc = 0;

	lines_mode(run_front(r), c, r->ranks->size, clock_ns());
	if (c->workflow.generate_data)
		rc = generate(r);
	if (!rc && (c->workflow.train || c->workflow.checkpoint))
		rc = training_run(r);
	if (!c->workflow.generate_data && !c->workflow.train &&
	    !c->workflow.checkpoint)
		log_warn("nothing to do: workflow asks neither to generate, "
			 "nor to train, nor for checkpoints");
	if (!shall_remove(r))
		return rc;
	rc = ranks_agree(r->ranks, rc);
	return rc || r->ranks->rank ? rc : remove_data(r);
}
