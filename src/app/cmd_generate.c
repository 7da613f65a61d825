#include "app/commands.h"
#include "app/generation.h"

int cmd_generate(const struct cli *cli)
{
	return workload_command(cli, generation_run);
}
