/* Settings of the command line on their way to a process that is spawned.
 *
 * Not on its command line, which everybody on the machine may read: a secret
 * may be among them.  They go through memory with a descriptor, which the
 * process inherits by number. */
#ifndef APP_HANDOVER_H
#define APP_HANDOVER_H

#include "base/util.h"

/* What can be read but once or by this process only, a pipe or /dev/stdin. */
bool handover_is_passing(const char *path); /* NULL is not */

/* Such a thing is copied, and *path becomes the copy's, written to `room`:
 * processes that are spawned can read that, too.  Other paths, also of what is
 * not there, are left alone. */
#define HANDOVER_PATH 32
int handover_keep(const char **path, char room[HANDOVER_PATH]) MUST_USE;

/* The descriptor, close-on-exec: the caller's. */
int handover_new(const char *const *words, size_t n, int *fd) MUST_USE;

/* What somebody put there; the words end with NULL and are the caller's to
 * free(), in one.  Closes the descriptor. */
int handover_take(int fd, const char ***words, size_t *n) MUST_USE;

#endif
