#include "app/commands.h"
#include "config/config.h"

int cmd_help_config(const struct cli *cli)
{
	config_print_help(stdout, cli->markdown);
	return 0;
}
