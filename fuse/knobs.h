/* Settings of the kernel's for one mount, some of which only root may change.
 * They are files of sysfs, so no mount is looked into. */
#ifndef FUSE_KNOBS_H
#define FUSE_KNOBS_H

#include "fuse/mount.h"
#include "fuse/mountpoint.h"

enum { KNOBS_READ_AHEAD, KNOBS_BACKGROUND, KNOBS_CONGESTION, KNOBS };

struct knobs {
	struct mount_knob knob[KNOBS];
};

/* Set what is wanted (0: leave it) and see what came of it.  root is where
 * sysfs is, "/sys" but for tests. */
void knobs_apply(struct knobs *k, const struct mountpoint_info *mount,
		 const char *root, uint32_t read_ahead_kb,
		 uint32_t max_background);

#endif
