#include "app/commands.h"
#include "base/log.h"
#include "fuse/mountpoint.h"

#include <errno.h>

/* As root we could unmount anything. */
static int check_ours(const char *path)
{
	struct mountpoint_info info;
	int rc = mountpoint_info(path, &info);

	if (rc == -ENOENT && !access(path, F_OK))
		return log_invalid("%s: nothing is mounted there", path);
	if (rc)
		return log_fail(rc, "unmount %s", path);
	if (!info.ours)
		return log_invalid("%s: what is mounted there (%s) is not a "
				   "dliofs mount; umount(8) takes it off",
				   path, info.source);
	return 0;
}

int cmd_umount(const struct cli *cli)
{
	const char *path;
	int rc;

	if (cli->n_args != 1)
		return log_invalid("umount takes one mount point");
	path = cli->args[0];
	rc = check_ours(path);
	if (rc)
		return rc;
	rc = mountpoint_unmount(path, cli->force);
	if (rc == -EBUSY && mountpoint_is_dead(path))
		return mountpoint_clear(path);
	if (rc == -EBUSY)
		return log_fail(rc,
				"unmount %s (close its files, or use --force)",
				path);
	return rc ? log_fail(rc, "unmount %s", path) : 0;
}
