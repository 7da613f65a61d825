/* How many files the dataset has that is really there.
 *
 * A file's name holds how many were generated with it, and the sizes of files
 * for evaluation depend on how many there are for training.  A run may want
 * fewer: DLIO lists the folders and takes the first ones.  So where the first
 * file is not there under the name that the configuration gives it, the folder
 * is listed until a name says what the number is. */
#ifndef APP_DISCOVERY_H
#define APP_DISCOVERY_H

#include "app/workload.h"

/* Afterwards w's dataset has the files that were generated, if those are more
 * than the configuration wants; else it is what it was.  b: the store, or
 * another that shows the same. */
int discovery_run(struct workload *w, struct backend *b) MUST_USE;

#endif
