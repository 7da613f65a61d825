#include "app/commands.h"
#include "app/generation.h"
#include "app/stop.h"
#include "app/workload.h"

int cmd_generate(const struct cli *cli)
{
	struct workload w = { 0 };
	int rc;

	stop_catch();
	rc = workload_open(cli, &w);
	if (!rc)
		rc = generation_run(&w, cli);
	workload_close(&w);
	return rc;
}
