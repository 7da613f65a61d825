/* What a workload asks for, from the first file generated to the last one
 * removed, in DLIO's order. */
#ifndef APP_LIFECYCLE_H
#define APP_LIFECYCLE_H

#include "app/run.h"

/* Collective.  0, or the first failure, which has been said. */
int lifecycle_run(struct run *r) MUST_USE;

#endif
