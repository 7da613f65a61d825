/* How many requests may be under way at a time: a gate that narrows when the
 * server says that it is too much, and opens again by and by (additive
 * increase, multiplicative decrease; D. Chiu, R. Jain, "Analysis of the
 * Increase and Decrease Algorithms for Congestion Avoidance", 1989).
 *
 *  - A request that was refused as too much halves the limit, unless it began
 *    before the limit fell last: one round of requests, one step.
 *  - A limit's worth of requests that went well since the limit changed raises
 *    it by one, up to where it began.
 *
 * The limit is between 1 and most.  Those who wait are let in by the order in
 * which they came, first those that somebody waits for, then the others
 * (background).  Any thread. */
#ifndef BACKENDS_THROTTLE_H
#define BACKENDS_THROTTLE_H

#include "base/util.h"

struct throttle;

/* What somebody brings who wants to pass. */
struct throttle_pass {
	bool background;
	uint64_t deadline_ns;		   /* clock_ns(); 0: none */
	const _Atomic bool *stop, *cancel; /* -ECANCELED; or NULL */
	unsigned round;			   /* the gate's */
	unsigned limit;			   /* out */
};

enum throttle_end {
	THROTTLE_WELL,
	THROTTLE_BADLY, /* but not for there being too many */
	THROTTLE_TOO_MUCH,
};

int throttle_new(unsigned most, struct throttle **out) MUST_USE;
void throttle_free(struct throttle *t); /* nobody is in; NULL is fine */

/* Wait to be let in.  -ETIMEDOUT, -ECANCELED (within a tenth of a second). */
int throttle_enter(struct throttle *t, struct throttle_pass *pass) MUST_USE;

/* How the limit changed by it: -8, 0, 1; pass->limit is what it is now. */
int throttle_leave(struct throttle *t, struct throttle_pass *pass,
		   enum throttle_end end);

/* Gauges. */
unsigned throttle_busy(struct throttle *t);
unsigned throttle_waiting(struct throttle *t);
unsigned throttle_limit(struct throttle *t);

#endif
