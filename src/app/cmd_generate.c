#include "app/commands.h"
#include "app/generation.h"

static int generate(struct workload *w, const struct cli *cli,
		    struct ranks *ranks)
{
	int rc = workload_check_lasts(w);

	return rc ? rc : generation_run(w, cli, ranks);
}

int cmd_generate(const struct cli *cli)
{
	return workload_command(cli, generate);
}
