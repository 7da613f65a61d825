/* The process that serves a mount: assembles the stores and the tree that the
 * command line names, mounts, tells whoever spawned it, and serves until it is
 * unmounted or told to end.
 *
 * A workload's mount has the dataset at data/, read-only, its names and sizes
 * computed, not listed; and the checkpoints at checkpoints/, writable, if the
 * workload writes any.  A
 * URI's mount has what is there at its root: from the manifest if there is
 * one, else by listing. */
#ifndef APP_SERVE_H
#define APP_SERVE_H

#include "app/cli.h"

#define SERVE_READY "ready\n"
#define SERVE_DATA "data"
#define SERVE_CHECKPOINTS "checkpoints"

/* args: [URI] DIR. */
int serve_run(const struct cli *cli) MUST_USE;

#endif
