#include "app/commands.h"
#include "app/generation.h"
#include "app/stop.h"
#include "app/training.h"
#include "base/clock.h"
#include "base/log.h"
#include "train/lines.h"

static int generate(struct run *r)
{
	int rc;

	lines_generation_started(r->log, r->workload.config, clock_ns());
	rc = generation_run(&r->workload, r->cli);
	if (!rc)
		lines_generation_done(r->log, clock_ns());
	return rc;
}

static int run(struct run *r)
{
	const struct config *c = r->workload.config;
	int rc = 0;

	lines_mode(r->log, c, 1, clock_ns());
	if (c->workflow.generate_data)
		rc = generate(r);
	if (!rc && (c->workflow.train || c->workflow.checkpoint))
		rc = training_run(r);
	if (!c->workflow.generate_data && !c->workflow.train &&
	    !c->workflow.checkpoint)
		log_warn("nothing to do: workflow asks neither to generate, "
			 "nor to train, nor for checkpoints");
	if (!rc && c->workflow.generate_data && !c->dataset.keep_files)
		rc = generation_remove(&r->workload);
	return rc;
}

int cmd_run(const struct cli *cli)
{
	struct run r = { 0 };
	int rc;

	stop_catch();
	rc = run_open(cli, &r);
	if (!rc)
		rc = run(&r);
	run_close(&r);
	return rc;
}
