/* Time.  Durations and deadlines come from the monotonic clock, in
 * nanoseconds; calendar time is only for people and files.  Any thread. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include "base/util.h"

#include <time.h>

#define NS_PER_MS (NS_PER_SEC / 1000)

/* Nanoseconds of CLOCK_MONOTONIC.  The same clock in every process of this
 * machine, so stamps may be compared across processes. */
static inline uint64_t clock_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_SEC + (uint64_t)ts.tv_nsec;
}

/* Sleep until clock_ns() reaches this; at once if it has.  Not ended by
 * signals. */
void clock_sleep_until(uint64_t when_ns);

/* Local calendar time as DLIO writes it, YYYY-MM-DDTHH:MM:SS.ffffff, at a
 * clock_ns() of this boot. */
#define CLOCK_STAMP_SIZE 32
void clock_stamp_at(uint64_t when_ns, char out[CLOCK_STAMP_SIZE]);

/* The same for nanoseconds since 1970. */
void clock_stamp_calendar(uint64_t since_1970_ns, char out[CLOCK_STAMP_SIZE]);

#endif
