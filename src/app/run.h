/* A run: a workload, the ranks that run it, the folder of the results, DLIO's
 * log in there, and the recorder that this rank shares with its mount. */
#ifndef APP_RUN_H
#define APP_RUN_H

#include "app/ranks.h"
#include "app/workload.h"
#include "train/dlog.h"

struct run {
	const struct cli *cli;
	struct ranks *ranks;
	struct workload workload;
	char *folder;
	struct dlog *log;
	struct recorder *recorder; /* NULL: latencies are not recorded */
	bool as_dlio; /* DLIO's log is all that is said of the results */
};

/* All of these are collective. */

/* The whole of a command, as workload_command(). */
int run_command(const struct cli *cli, int (*work)(struct run *r)) MUST_USE;

/* A run as DLIO's, of a configuration that is there already; taken.  cli names
 * the folder.  -EDOM: there is less data than train.total_training_steps want. */
int run_open_as_dlio(const struct cli *cli, struct ranks *ranks,
		     struct config *c, struct run *out) MUST_USE;

/* Where only rank 0's lines go: NULL on the others. */
struct dlog *run_front(const struct run *r);

/* Fine with one that was not opened, if zeroed. */
void run_close(struct run *r);

#endif
