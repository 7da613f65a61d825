#include "app/hostmount.h"

#include "base/log.h"

#include <errno.h>
#include <sched.h>
#include <string.h>

/* mpirun binds each rank to a core.  The server is for all of them, and takes
 * its CPUs from who starts it. */
static int start_unbound(struct hostmount *h, const struct cli *cli,
			 const struct mounted_options *options)
{
	cpu_set_t bound, all;
	bool known = h->ranks->size > 1 &&
		     !sched_getaffinity(0, sizeof(bound), &bound);
	int rc;

	memset(&all, 0xff, sizeof(all));
	if (known)
		(void)sched_setaffinity(0, sizeof(all), &all);
	rc = mounted_start(cli, options, &h->own);
	if (known)
		(void)sched_setaffinity(0, sizeof(bound), &bound);
	return rc;
}

static int start(struct hostmount *h, const struct cli *cli,
		 const struct mounted_options *options)
{
	int rc = start_unbound(h, cli, options);

	if (rc)
		return rc;
	return snprintf(h->path, sizeof(h->path), "%s", mounted_path(h->own)) <
			       (int)sizeof(h->path) ?
		       0 :
		       log_fail(-ENAMETOOLONG, "%s", mounted_path(h->own));
}

int hostmount_start(struct hostmount *h, const struct cli *cli,
		    const struct mounted_options *options)
{
	struct ranks *ranks = h->ranks;
	int rc = 0;

	if (ranks->node_rank == 0)
		rc = start(h, cli, options);
	rc = ranks_agree(ranks, rc);
	return rc ? rc : ranks_tell_host(ranks, h->path, sizeof(h->path));
}

void hostmount_stop(struct hostmount *h)
{
	ranks_settle(h->ranks);
	mounted_stop(h->own);
	h->own = NULL;
}
