/* Is the dataset there before somebody reads it? */
#ifndef APP_PRESENCE_H
#define APP_PRESENCE_H

#include "app/workload.h"

/* Looks at the first and the last file of each set that is used, and at the
 * manifest.  -ENOENT, with what to do about it, if something is missing.
 * generated: the manifest says that all of it was written from this very
 * configuration. */
int presence_check(struct workload *w, bool *generated) MUST_USE;

/* The same of what somebody else's mount shows, but for the manifest. */
int presence_check_through(struct workload *w, const char *mount) MUST_USE;

#endif
