#include "app/commands.h"
#include "app/lifecycle.h"
#include "app/stop.h"

int cmd_run(const struct cli *cli)
{
	struct run r = { 0 };
	struct ranks *ranks;
	int rc;

	stop_catch();
	rc = ranks_open(&ranks);
	if (!rc)
		rc = run_open(cli, ranks, &r);
	if (!rc)
		rc = lifecycle_run(&r);
	run_close(&r);
	return ranks_close(ranks, rc);
}
