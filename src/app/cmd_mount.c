#include "app/commands.h"
#include "app/mounted.h"
#include "app/serve.h"
#include "app/stores.h"
#include "base/log.h"

#include <errno.h>

/* DIR with a workload, which settings alone may be, or URI DIR. */
static int check_arguments(const struct cli *cli)
{
	bool workload = cli->config || cli->n_overrides ||
			cli->settings_fd >= 0;

	if (workload && cli->n_args == 1)
		return 0;
	if (cli->config || cli->n_args != 2)
		return log_invalid("mount takes -c FILE and DIR, or URI and "
				   "DIR");
	if (stores_is_synth(cli->args[0]))
		return log_invalid("synth:// computes a dataset: mount -c FILE "
				   "DIR, with dataset.data_folder=synth://");
	return 0;
}

int cmd_mount(const struct cli *cli)
{
	const struct mounted_options options = {
		.mountpoint = cli->n_args ? cli->args[cli->n_args - 1] : NULL,
		.mem_fd = -1,
		.background = true,
	};
	struct mounted *m;
	int rc;

	rc = check_arguments(cli);
	if (rc)
		return rc;
	if (cli->foreground)
		return serve_run(cli);
	rc = mounted_start(cli, &options, &m);
	if (!rc)
		mounted_stop(m);
	return rc;
}
