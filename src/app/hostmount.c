#include "app/hostmount.h"

#include "base/log.h"

#include <errno.h>

static int start(struct hostmount *h, const struct cli *cli,
		 const struct mounted_options *options)
{
	int rc = mounted_start(cli, options, &h->own);

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
