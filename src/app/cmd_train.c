#include "app/commands.h"
#include "app/training.h"
#include "base/clock.h"
#include "train/lines.h"

/* Whatever the workload says of generating it, that is not done here. */
static int train(struct run *r)
{
	struct config c = *r->workload.config;

	c.workflow.generate_data = false;
	lines_mode(run_front(r), &c, r->ranks->size, clock_ns());
	return training_run(r);
}

int cmd_train(const struct cli *cli)
{
	return run_command(cli, train);
}
