/* A run: a workload, the folder of its results, DLIO's log in there, and the
 * recorder that all its processes share. */
#ifndef APP_RUN_H
#define APP_RUN_H

#include "app/workload.h"
#include "train/dlog.h"

struct run {
	const struct cli *cli;
	struct workload workload;
	char *folder;
	struct dlog *log;
	struct recorder *recorder; /* NULL: latencies are not recorded */
	bool as_dlio; /* DLIO's log is all that is said of the results */
};

int run_open(const struct cli *cli, struct run *out) MUST_USE;

/* A run as DLIO's, of a configuration that is there already; taken.  cli names
 * the folder.  -EDOM: there is less data than train.total_training_steps want. */
int run_open_as_dlio(const struct cli *cli, struct config *c,
		     struct run *out) MUST_USE;

/* Fine with one that was not opened, if zeroed. */
void run_close(struct run *r);

#endif
