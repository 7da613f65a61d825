#include "app/commands.h"
#include "app/dlio.h"
#include "app/standard.h"

static const struct cli_command commands[] = {
	{ "run", "[SETTING=VALUE...]", 0,
	  "Do what the workload says: generate, mount, train, report",
	  cmd_run },
	{ "generate", "[SETTING=VALUE...]", 0,
	  "Write the workload's dataset; resumes what was interrupted",
	  cmd_generate },
	{ "mount", "[URI] DIR", 2,
	  "Mount a workload's dataset (-c), or a folder or bucket, at DIR",
	  cmd_mount },
	{ "umount", "DIR", 1, "Unmount DIR, also where the server has died",
	  cmd_umount },
	{ "train", "[SETTING=VALUE...]", 0,
	  "Only train, through a private mount or one that exists", cmd_train },
	{ "overhead", "[SETTING=VALUE...]", 0,
	  "Read as the workload does, natively and through the mount",
	  cmd_overhead },
	{ "stats", "DIR", 1, "Latencies of the mount at DIR so far",
	  cmd_stats },
	{ "check", "[SETTING=VALUE...]", 0,
	  "Check the workload and print it whole", cmd_check },
	{ "verify", "[SETTING=VALUE...]", 0,
	  "Compare every byte of the dataset with what it should be",
	  cmd_verify },
	{ "help-config", "", 0, "Explain every setting", cmd_help_config },
	{ 0 },
};

int main(int argc, char **argv)
{
	int status;

	if (standard_open())
		return CLI_FAILED;
	if (argc && dlio_is_called(argv[0]))
		status = dlio_main(argc, argv);
	else
		status = cli_main(commands, argc, argv);
	return standard_flush() && status == CLI_OK ? CLI_FAILED : status;
}
