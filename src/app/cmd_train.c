#include "app/commands.h"
#include "app/stop.h"
#include "app/training.h"

int cmd_train(const struct cli *cli)
{
	struct run r = { 0 };
	int rc;

	stop_catch();
	rc = run_open(cli, &r);
	if (!rc)
		rc = training_run(&r);
	run_close(&r);
	return rc;
}
