/* What a workload asks for, from the first file generated to the last one
 * removed, in DLIO's order. */
#ifndef APP_LIFECYCLE_H
#define APP_LIFECYCLE_H

#include "app/run.h"

int lifecycle_run(struct run *r) MUST_USE;

#endif
