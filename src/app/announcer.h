/* Tells a mount what the trainer is going to read (fuse/prefetch.h), as any
 * job could: by writing to its control file. */
#ifndef APP_ANNOUNCER_H
#define APP_ANNOUNCER_H

#include "base/util.h"

struct announcer {
	int fd; /* -1: nobody listens */
	char below[64];
};

/* The source is folder/below, or folder where there is no such thing, as for
 * sources_of_mount().  A folder that is no mount of ours does not listen. */
void announcer_open(struct announcer *a, const char *folder, const char *below);
void announcer_close(struct announcer *a);

/* For struct train_hooks.  Any thread. */
void announcer_say(const struct announcer *a, const char *const *names,
		   size_t n);

#endif
