#include "app/commands.h"
#include "base/log.h"
#include "fuse/mountpoint.h"

#include <errno.h>

/* The server renders both; here they are only passed on. */
static int copy(const char *path)
{
	AUTO_FCLOSE FILE *f = fopen(path, "re");
	char buffer[8192];
	size_t got;

	if (!f)
		return log_fail(-errno, "open %s", path);
	while ((got = fread(buffer, 1, sizeof(buffer), f)) > 0)
		fwrite(buffer, 1, got, stdout);
	return ferror(f) ? log_fail(-errno, "read %s", path) : 0;
}

/* Why there may be no file to open. */
static int check_mount(const char *path)
{
	struct mountpoint_info info;
	int rc = mountpoint_info(path, &info);

	if (rc == -ENOENT || (!rc && !info.ours))
		return log_invalid("%s: no dliofs mount is there", path);
	if (!rc && mountpoint_is_dead(path))
		return log_fail(-ENOTCONN, "%s: the mount's server has died",
				path);
	return rc ? log_fail(rc, "look at %s", path) : 0;
}

int cmd_stats(const struct cli *cli)
{
	char path[4096];
	int rc;

	if (cli->n_args != 1)
		return log_invalid("stats takes one mount point");
	rc = check_mount(cli->args[0]);
	if (rc)
		return rc;
	if (snprintf(path, sizeof(path), "%s/.dliofs/%s", cli->args[0],
		     cli->json ? "stats" : "stats.txt") >= (int)sizeof(path))
		return log_fail(-ENAMETOOLONG, "%s", cli->args[0]);
	if (access(path, F_OK) && errno == ENOENT)
		return log_invalid("%s: nothing is recorded there "
				   "(--no-record)",
				   cli->args[0]);
	return copy(path);
}
