/* The process that serves a mount: assembles the stores and the tree that the
 * command line names, mounts, tells whoever spawned it, and serves until it is
 * unmounted or told to end.
 *
 * A workload's mount has the dataset at data/, read-only, its names and sizes
 * computed, not listed; and the checkpoints at checkpoints/, writable, if the
 * workload writes any.  A URI's mount has what is there at its root: from the
 * manifest if there is one, else by listing, all at once or folder by folder
 * (dliofs.mount.listing).
 * Folder by folder is the standard on a network: a mount is there at once
 * however large the bucket, and each folder is listed once, as it would be
 * otherwise; only that one after the other is slower than all at a time. */
#ifndef APP_SERVE_H
#define APP_SERVE_H

#include "app/cli.h"

#define SERVE_READY "ready\n"
#define SERVE_DATA "data"
#define SERVE_CHECKPOINTS "checkpoints"

/* args: [URI] DIR. */
int serve_run(const struct cli *cli) MUST_USE;

#endif
