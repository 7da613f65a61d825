/* Generating a workload's dataset, with progress and a last line that says
 * what was done.  For `generate` and `run`. */
#ifndef APP_GENERATION_H
#define APP_GENERATION_H

#include "app/workload.h"

int generation_run(struct workload *w, const struct cli *cli) MUST_USE;

/* keep_files: False.  Removes what the dataset has, and nothing else. */
int generation_remove(struct workload *w) MUST_USE;

#endif
