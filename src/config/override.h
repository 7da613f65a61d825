/* Overrides of the command line, in DLIO's (Hydra's) grammar:
 *
 *	a.b=v	change a setting that is known or is in the file
 *	+a.b=v	add what the file does not have
 *	++a.b=v	either
 *	~a.b	take out of the file; ~a.b=v: only if it is v
 *
 * A leading "workload." is dropped.  Maps on the way are made, also in place
 * of a number (train.computation_time.mean over 1.0). */
#ifndef CONFIG_OVERRIDE_H
#define CONFIG_OVERRIDE_H

#include "config/assign.h"

/* Change the tree.  text must outlive it: it is where the new nodes are from.
 * Errors are logged with the text, and a mark under the place if it is the
 * grammar that is broken; then -EINVAL. */
int override_apply(struct node *root, const char *text) MUST_USE;

/* The same as Hydra does it, on the document that it composes: nothing is
 * dropped from the key, and a.b=v changes only what is there.  Its messages. */
int override_apply_hydra(struct node *root, struct assign *a) MUST_USE;

#endif
