/* One mount for all ranks of a host: its first rank starts the server, the
 * others read there.  Its figures of the store are that rank's. */
#ifndef APP_HOSTMOUNT_H
#define APP_HOSTMOUNT_H

#include "app/mounted.h"
#include "app/ranks.h"

struct hostmount {
	struct ranks *ranks; /* the caller's */
	struct mounted *own; /* of the first rank */
	char path[4096];
};

/* Collective.  To be stopped after any outcome. */
int hostmount_start(struct hostmount *h, const struct cli *cli,
		    const struct mounted_options *options) MUST_USE;

/* Collective, also after a failure, and if it was not started: once no rank
 * reads there any more. */
void hostmount_stop(struct hostmount *h);

#endif
