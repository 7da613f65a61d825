#include "app/commands.h"
#include "app/lifecycle.h"

int cmd_run(const struct cli *cli)
{
	return run_command(cli, lifecycle_run);
}
