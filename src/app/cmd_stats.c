#include "app/commands.h"
#include "base/log.h"

#include <errno.h>

/* The server renders both; here they are only passed on. */
static int copy(const char *path)
{
	AUTO_FCLOSE FILE *f = fopen(path, "re");
	char buffer[8192];
	size_t got;

	if (!f)
		return log_fail(-errno, "%s: is a dliofs mount there? open",
				path);
	while ((got = fread(buffer, 1, sizeof(buffer), f)) > 0)
		fwrite(buffer, 1, got, stdout);
	return ferror(f) ? log_fail(-errno, "read %s", path) : 0;
}

int cmd_stats(const struct cli *cli)
{
	char path[4096];

	if (cli->n_args != 1)
		return log_invalid("stats takes one mount point");
	snprintf(path, sizeof(path), "%s/.dliofs/%s", cli->args[0],
		 cli->json ? "stats" : "stats.txt");
	return copy(path);
}
