/* What a mount shows: the stores of its exports, how each is listed, and the
 * names that are known before. */
#ifndef APP_EXPORTS_H
#define APP_EXPORTS_H

#include "app/workload.h"
#include "fuse/mount.h"

#define EXPORTS_MAX 2

struct tree;

struct exports {
	/* The caller's. */
	const struct cli *cli;
	struct workload *workload; /* with a URI: the defaults */
	const char *uri;	   /* or NULL: the workload's folders */

	bool has_data; /* of a workload: export 0 is its dataset, … */
	bool foreign;  /* … of which only a listing tells the sizes */
	struct backend *store[EXPORTS_MAX];
	struct mount_export export[EXPORTS_MAX];
	size_t n;
};

/* Open the stores.  What was opened is to be closed after any outcome. */
int exports_open(struct exports *e) MUST_USE;
void exports_close(struct exports *e);

/* struct mount_options' fill; arg is the exports. */
int exports_fill(void *arg, struct tree *t) MUST_USE;

#endif
