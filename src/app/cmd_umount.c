#include "app/commands.h"
#include "base/log.h"
#include "fuse/mountpoint.h"

#include <errno.h>

int cmd_umount(const struct cli *cli)
{
	const char *path;
	int rc;

	if (cli->n_args != 1)
		return log_invalid("umount takes one mount point");
	path = cli->args[0];
	if (mountpoint_is_dead(path))
		return mountpoint_clear(path);
	rc = mountpoint_unmount(path, cli->force);
	if (rc == -EBUSY)
		return log_fail(rc,
				"unmount %s (close its files, or use --force)",
				path);
	return rc ? log_fail(rc, "unmount %s", path) : 0;
}
