/* When to try again: the arithmetic of pauses, without waiting.  No state; any
 * thread. */
#ifndef BACKENDS_RETRY_H
#define BACKENDS_RETRY_H

#include "base/util.h"

#define RETRY_PAUSE_MAX_MS 20000

/* "Full jitter": the part `random` (0 … 1) of base * 2^(attempt - 1), which is
 * at most RETRY_PAUSE_MAX_MS, in ns.  attempt: those that were made, from 1. */
uint64_t retry_pause_ns(unsigned attempt, uint32_t base_ms, double random);

/* What Retry-After asks for (RFC 9110 section 10.2.3): seconds, or a date in any
 * of the three forms of section 5.6.7; one that has passed is 0.  now: seconds
 * since 1970.  -EINVAL: neither. */
int retry_after_ns(const char *text, size_t len, int64_t now,
		   uint64_t *ns) MUST_USE;

#endif
