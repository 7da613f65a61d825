/* What was said already, so that it is not said over and over: each kind of
 * failure at once, and then at most once in COMPLAINT_QUIET_NS.
 *
 * Zeroed is new.  Time is the caller's.  Any thread, under the caller's lock. */
#ifndef BACKENDS_COMPLAINT_H
#define BACKENDS_COMPLAINT_H

#include "base/util.h"

#define COMPLAINT_QUIET_NS (10 * NS_PER_SEC)
#define COMPLAINT_KINDS 16 /* beyond, the one said longest ago is forgotten */

struct complaint {
	struct {
		int kind;
		uint64_t at_ns;
		unsigned unsaid; /* since then */
	} said[COMPLAINT_KINDS];
};

/* kind: a status, or an errno; not 0.  Is it to be said now?  Then *unsaid is
 * how many of the kind were not since it was said last. */
bool complaint_due(struct complaint *c, int kind, uint64_t now_ns,
		   unsigned *unsaid);

#endif
