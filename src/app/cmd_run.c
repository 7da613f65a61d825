#include "app/commands.h"
#include "app/lifecycle.h"
#include "app/stop.h"

int cmd_run(const struct cli *cli)
{
	struct run r = { 0 };
	int rc;

	stop_catch();
	rc = run_open(cli, &r);
	if (!rc)
		rc = lifecycle_run(&r);
	run_close(&r);
	return rc;
}
