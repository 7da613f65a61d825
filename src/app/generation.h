/* Generating a workload's dataset, with progress and a last line that says
 * what was done.  For `generate` and `run`. */
#ifndef APP_GENERATION_H
#define APP_GENERATION_H

#include "app/workload.h"

/* By all ranks together; NULL: one. */
int generation_run(struct workload *w, const struct cli *cli,
		   struct ranks *ranks) MUST_USE;

/* keep_files: False.  Removes what the dataset has, and nothing else. */
int generation_remove(struct workload *w) MUST_USE;

#endif
