#include "app/commands.h"
#include "app/stop.h"
#include "app/training.h"
#include "base/clock.h"
#include "train/lines.h"

/* Whatever the workload says of generating it, that is not done here. */
static void say_mode(const struct run *r)
{
	struct config c = *r->workload.config;

	c.workflow.generate_data = false;
	lines_mode(r->log, &c, 1, clock_ns());
}

int cmd_train(const struct cli *cli)
{
	struct run r = { 0 };
	int rc;

	stop_catch();
	rc = run_open(cli, &r);
	if (!rc) {
		say_mode(&r);
		rc = training_run(&r);
	}
	run_close(&r);
	return rc;
}
