/* Emptying the page cache below a trainer before an epoch. */
#ifndef APP_CACHES_H
#define APP_CACHES_H

#include "app/workload.h"

/* As root: the whole machine's, and 0.  Else the files of the dataset, where
 * the store is a folder, and -EPERM: what a mount above it caches is the
 * trainer's to drop (struct source_ops). */
int caches_drop(const struct workload *w);

#endif
