/* What a workload asks for, from the first file generated to the last one
 * removed, in DLIO's order. */
#ifndef APP_LIFECYCLE_H
#define APP_LIFECYCLE_H

#include "app/run.h"

/* -EDOM, as DLIO: there is less data than train.total_training_steps want, which
 * was said. */
int lifecycle_run(struct run *r) MUST_USE;

#endif
