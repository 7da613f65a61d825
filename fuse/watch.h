/* Callers that are killed while they wait for a store.
 *
 * The kernel does not let a process die before its requests are answered, and
 * tells us of its death for some requests only.  So once a second the callers
 * that have waited for so long are looked at, and those about to die are
 * answered: what they get they do not see.  The work is told (given_up of the
 * call), and who does it finds that it has nobody to answer.  Nobody else is
 * disturbed: programs do not expect that a signal ends the reading of a
 * file. */
#ifndef FUSE_WATCH_H
#define FUSE_WATCH_H

#include "base/util.h"

struct call;
struct watch;

int watch_new(struct watch **out) MUST_USE; /* starts a thread */

/* No call is watched.  NULL is fine. */
void watch_free(struct watch *w);

/* From now on the caller may be answered by us.  The call stays where it is
 * until it is claimed. */
void watch_call(struct call *c);

/* The end of that, also for a call that was not watched.  false: the caller has
 * been answered, and the request is gone. */
bool watch_claim(struct call *c) MUST_USE;

#endif
