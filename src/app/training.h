/* Training, evaluation and checkpoints of a run: the sources that the
 * configuration asks for (a private mount, a mount that exists, or the store
 * itself), the trainer on them, and its report. */
#ifndef APP_TRAINING_H
#define APP_TRAINING_H

#include "app/run.h"

/* Collective.  0, or the first failure, which has been said. */
int training_run(struct run *r) MUST_USE;

#endif
