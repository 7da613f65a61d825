#include "base/clock.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>

static void set_zone(const char *zone)
{
	setenv("TZ", zone, 1);
	tzset();
}

Test(clock, stamps_are_local_time_as_dlio_writes_it)
{
	/* Zones by rule, so that no zone database is needed. */
	static const struct {
		const char *zone;
		uint64_t since_1970_ns;
		const char *want;
	} cases[] = {
		{ "UTC0", 0, "1970-01-01T00:00:00.000000" },
		{ "UTC0", 1700000000123456789, "2023-11-14T22:13:20.123456" },
		{ "EST5", 1700000000123456789, "2023-11-14T17:13:20.123456" },
		{ "<+0545>-5:45", 1700000000000001999,
		  "2023-11-15T03:58:20.000001" },
		{ "CET-1CEST,M3.5.0,M10.5.0/3", 1720000000999999999,
		  "2024-07-03T11:46:40.999999" },
		{ "UTC0", 1709164799999999999, "2024-02-28T23:59:59.999999" },
		{ "UTC0", 1709164800000000000, "2024-02-29T00:00:00.000000" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char stamp[CLOCK_STAMP_SIZE];

		set_zone(cases[i].zone);
		clock_stamp_calendar(cases[i].since_1970_ns, stamp);
		cr_expect_str_eq(stamp, cases[i].want, "%s %lu", cases[i].zone,
				 cases[i].since_1970_ns);
	}
}

/* Seconds since 1970 of a stamp made with TZ=UTC0. */
static double seconds_of(const char *stamp)
{
	struct tm tm = { 0 };
	const char *fraction = strptime(stamp, "%Y-%m-%dT%H:%M:%S", &tm);

	cr_assert_not_null(fraction, "%s", stamp);
	cr_assert_eq(strlen(fraction), 7, "%s", stamp);
	return (double)timegm(&tm) + strtod(fraction, NULL);
}

static double now(void)
{
	struct timeval tv;

	gettimeofday(&tv, NULL);
	return (double)tv.tv_sec + (double)tv.tv_usec / 1e6;
}

Test(clock, a_monotonic_time_becomes_the_calendar_time_it_was)
{
	char then[CLOCK_STAMP_SIZE];
	double before, ago, after;

	set_zone("UTC0");
	before = now();
	clock_stamp_at(clock_ns() - 90 * NS_PER_SEC, then);
	after = now();
	ago = seconds_of(then) + 90;
	cr_expect(before - 0.5 < ago && ago < after + 0.5, "%f %s %f", before,
		  then, after);
}

static void do_nothing(int sig)
{
	(void)sig;
}

Test(clock, sleeping_is_not_cut_short_by_signals)
{
	const struct sigaction action = { .sa_handler = do_nothing };
	const struct itimerval every_ms = { { 0, 1000 }, { 0, 1000 } };
	const struct itimerval never = { 0 };
	uint64_t until = clock_ns() + 20 * 1000 * 1000;

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &every_ms, NULL);
	clock_sleep_until(until);
	cr_expect_geq(clock_ns(), until);
	setitimer(ITIMER_REAL, &never, NULL);
}

Test(clock, a_time_that_has_passed_is_not_slept_for)
{
	uint64_t start = clock_ns();

	clock_sleep_until(0);
	clock_sleep_until(start);
	cr_expect_lt(clock_ns() - start, 30 * NS_PER_SEC);
}
