#include "app/commands.h"
#include "app/generation.h"
#include "app/ranks.h"
#include "app/stop.h"
#include "app/workload.h"

int cmd_generate(const struct cli *cli)
{
	struct workload w = { 0 };
	struct ranks *ranks;
	int rc;

	stop_catch();
	rc = ranks_open(&ranks);
	if (!rc)
		rc = workload_open_on(ranks, cli, &w);
	if (!rc)
		rc = generation_run(&w, cli, ranks);
	workload_close(&w);
	return ranks_close(ranks, rc);
}
