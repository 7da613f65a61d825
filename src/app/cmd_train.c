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
	lines_mode(run_front(r), &c, r->ranks->size, clock_ns());
}

int cmd_train(const struct cli *cli)
{
	struct run r = { 0 };
	struct ranks *ranks;
	int rc;

	stop_catch();
	rc = ranks_open(&ranks);
	if (!rc)
		rc = run_open(cli, ranks, &r);
	if (!rc) {
		say_mode(&r);
		rc = training_run(&r);
	}
	run_close(&r);
	return ranks_close(ranks, rc);
}
