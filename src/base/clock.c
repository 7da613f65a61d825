#include "base/clock.h"

#include <errno.h>

void clock_sleep_until(uint64_t when_ns)
{
	const struct timespec until = {
		.tv_sec = (time_t)(when_ns / NS_PER_SEC),
		.tv_nsec = (long)(when_ns % NS_PER_SEC),
	};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) ==
	       EINTR)
		;
}

/* Nanoseconds since 1970. */
static uint64_t calendar_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_SEC + (uint64_t)ts.tv_nsec;
}

void clock_stamp_calendar(uint64_t since_1970_ns, char out[CLOCK_STAMP_SIZE])
{
	time_t seconds = (time_t)(since_1970_ns / NS_PER_SEC);
	unsigned micros = (unsigned)(since_1970_ns % NS_PER_SEC / 1000);
	struct tm local;
	size_t len;

	localtime_r(&seconds, &local);
	len = strftime(out, CLOCK_STAMP_SIZE, "%Y-%m-%dT%H:%M:%S", &local);
	snprintf(out + len, CLOCK_STAMP_SIZE - len, ".%06u", micros);
}

/* Calendar time at clock_ns() 0.  The two clocks are read one after the other,
 * and the CPU may be somebody else's in between: of a few tries, the one with
 * the least between counts. */
static uint64_t boot_ns(void)
{
	uint64_t least = UINT64_MAX, boot = 0;

	for (int i = 0; i < 5 && least > 1000; i++) {
		uint64_t before = clock_ns();
		uint64_t calendar = calendar_ns();
		uint64_t between = clock_ns() - before;

		if (between >= least)
			continue;
		least = between;
		boot = calendar - before - between / 2;
	}
	return boot;
}

void clock_stamp_at(uint64_t when_ns, char out[CLOCK_STAMP_SIZE])
{
	clock_stamp_calendar(boot_ns() + when_ns, out);
}
