#include "app/commands.h"

static const struct cli_command commands[] = {
	{ "run", "[SETTING=VALUE...]",
	  "Do what the workload says: generate, mount, train, report",
	  cmd_run },
	{ "generate", "[SETTING=VALUE...]",
	  "Write the workload's dataset; resumes what was interrupted",
	  cmd_generate },
	{ "mount", "[URI] DIR",
	  "Mount a workload's dataset (-c), or a folder or bucket, at DIR",
	  cmd_mount },
	{ "umount", "DIR", "Unmount DIR, also where the server has died",
	  cmd_umount },
	{ "train", "[SETTING=VALUE...]",
	  "Only train, through a private mount or one that exists", cmd_train },
	{ "overhead", "[SETTING=VALUE...]",
	  "Read as the workload does, natively and through the mount",
	  cmd_overhead },
	{ "stats", "DIR", "Latencies of the mount at DIR so far", cmd_stats },
	{ "check", "[SETTING=VALUE...]",
	  "Check the workload and print it whole", cmd_check },
	{ "verify", "[SETTING=VALUE...]",
	  "Compare every byte of the dataset with what it should be",
	  cmd_verify },
	{ "help-config", "", "Explain every setting", cmd_help_config },
	{ 0 },
};

int main(int argc, char **argv)
{
	return cli_main(commands, argc, argv);
}
