/* Settings of the command line on their way to a process that is spawned.
 *
 * Not on its command line, which everybody on the machine may read: a secret
 * may be among them.  They go through memory with a descriptor, which the
 * process inherits by number. */
#ifndef APP_HANDOVER_H
#define APP_HANDOVER_H

#include "base/util.h"

/* The descriptor, close-on-exec: the caller's. */
int handover_new(const char *const *words, size_t n, int *fd) MUST_USE;

/* What somebody put there; the words end with NULL and are the caller's to
 * free(), in one.  Closes the descriptor. */
int handover_take(int fd, const char ***words, size_t *n) MUST_USE;

#endif
