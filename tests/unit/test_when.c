#include "backends/when.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <time.h>

#define WRONG INT64_MIN

struct spelling {
	const char *text;
	int64_t want; /* WRONG: no such date */
};

Test(when, rfc_3339_is_read_with_fractions_and_offsets)
{
	static const struct spelling cases[] = {
		{ "1994-11-06T08:49:37Z", 784111777 },
		{ "1994-11-06t08:49:37z", 784111777 },
		{ "1994-11-06 08:49:37Z", 784111777 },
		{ "1994-11-06T08:49:37.5Z", 784111777 },
		{ "1994-11-06T08:49:37.123456789Z", 784111777 },
		{ "1994-11-06T08:49:37+00:00", 784111777 },
		{ "1994-11-06T09:49:37+01:00", 784111777 },
		{ "1994-11-06T00:19:37-08:30", 784111777 },
		{ "1970-01-01T00:00:00Z", 0 },
		{ "1969-12-31T23:59:59Z", -1 },
		{ "2000-02-29T00:00:00Z", 951782400 },
		{ "2016-12-31T23:59:60Z", 1483228800 },
		{ "0000-01-01T00:00:00Z", -62167219200 },
		{ "9999-12-31T23:59:59Z", 253402300799 },
		{ "", WRONG },
		{ "1994-11-06", WRONG },
		{ "1994-11-06T", WRONG },
		{ "1994-11-06T08:49:37", WRONG },
		{ "1994-11-06T08:49:37.Z", WRONG },
		{ "1994-11-06T08:49:37+01", WRONG },
		{ "1994-11-06T08:49:37+24:00", WRONG },
		{ "1994-11-06T08:49:37Z ", WRONG },
		{ " 1994-11-06T08:49:37Z", WRONG },
		{ "1994-11-06T24:00:00Z", WRONG },
		{ "1994-11-06T08:60:00Z", WRONG },
		{ "1994-11-06T08:49:61Z", WRONG },
		{ "1994-00-06T08:49:37Z", WRONG },
		{ "1994-13-06T08:49:37Z", WRONG },
		{ "1994-11-00T08:49:37Z", WRONG },
		{ "1994-11-31T08:49:37Z", WRONG },
		{ "1900-02-29T08:49:37Z", WRONG },
		{ "94-11-06T08:49:37Z", WRONG },
		{ "1994-11-06X08:49:37Z", WRONG },
		{ "+994-11-06T08:49:37Z", WRONG },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int64_t got = WRONG;
		int rc = when_rfc3339(cases[i].text, strlen(cases[i].text),
				      &got);

		cr_expect_eq(got, cases[i].want, "'%s': %jd", cases[i].text,
			     (intmax_t)got);
		cr_expect_eq(rc, cases[i].want == WRONG ? -EINVAL : 0, "'%s'",
			     cases[i].text);
	}
}

Test(when, all_three_http_dates_are_read)
{
	static const struct spelling cases[] = {
		{ "Sun, 06 Nov 1994 08:49:37 GMT", 784111777 },
		{ "Sunday, 06-Nov-94 08:49:37 GMT", 784111777 },
		{ "Sun Nov  6 08:49:37 1994", 784111777 },
		{ "Wed Nov 16 08:49:37 1994", 784975777 },
		{ "Thu, 01 Jan 1970 00:00:00 GMT", 0 },
		{ "Sun, 6 Nov 1994 08:49:37 GMT", WRONG },
		{ "Sun, 06 Nov 1994 08:49:37 UTC", WRONG },
		{ "Sun, 06 Nov 1994 08:49:37 GMT,", WRONG },
		{ "Sun, 06 Nov 1994 08:49:37", WRONG },
		{ "Son, 06 Nov 1994 08:49:37 GMT", WRONG },
		{ "Sun, 06 nov 1994 08:49:37 GMT", WRONG },
		{ "Sun, 31 Nov 1994 08:49:37 GMT", WRONG },
		{ "Sun Nov   6 08:49:37 1994", WRONG },
		{ "120", WRONG },
		{ "", WRONG },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int64_t got = WRONG;
		int rc = when_http(cases[i].text, strlen(cases[i].text),
				   784111777, &got);

		cr_expect_eq(got, cases[i].want, "'%s': %jd", cases[i].text,
			     (intmax_t)got);
		cr_expect_eq(rc, cases[i].want == WRONG ? -EINVAL : 0, "'%s'",
			     cases[i].text);
	}
}

Test(when, two_digits_are_a_year_at_most_fifty_years_on)
{
	static const struct {
		const char *now, *year, *want;
	} cases[] = {
		{ "2026", "26", "2026" }, { "2026", "76", "2076" },
		{ "2026", "77", "1977" }, { "2026", "00", "2000" },
		{ "2080", "30", "2130" }, { "2080", "31", "2031" },
		{ "1999", "00", "2000" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[64];
		int64_t now, want, got;

		snprintf(text, sizeof(text), "%s-06-01T00:00:00Z",
			 cases[i].now);
		cr_assert_eq(when_rfc3339(text, strlen(text), &now), 0);
		snprintf(text, sizeof(text), "%s-06-01T00:00:00Z",
			 cases[i].want);
		cr_assert_eq(when_rfc3339(text, strlen(text), &want), 0);
		snprintf(text, sizeof(text), "Monday, 01-Jun-%s 00:00:00 GMT",
			 cases[i].year);
		cr_assert_eq(when_http(text, strlen(text), now, &got), 0);
		cr_expect_eq(got, want, "%s in %s", cases[i].year,
			     cases[i].now);
	}
}

Test(when, what_is_printed_is_what_the_c_library_prints_and_reads_back)
{
	/* A step that is no multiple of anything. */
	for (int64_t t = -2208988800; t < 253402300799; t += 86399 * 317) {
		char want[64], http[WHEN_HTTP_SIZE], basic[WHEN_BASIC_SIZE];
		time_t time = t;
		struct tm tm;
		int64_t got;

		gmtime_r(&time, &tm);
		when_print_http(t, http);
		strftime(want, sizeof(want), "%a, %d %b %Y %H:%M:%S GMT", &tm);
		cr_assert_str_eq(http, want);
		cr_assert_eq(when_http(http, strlen(http), 0, &got), 0);
		cr_assert_eq(got, t);
		when_print_basic(t, basic);
		strftime(want, sizeof(want), "%Y%m%dT%H%M%SZ", &tm);
		cr_assert_str_eq(basic, want);
	}
}

Test(when, times_out_of_reach_print_as_the_nearest)
{
	char http[WHEN_HTTP_SIZE], basic[WHEN_BASIC_SIZE];

	when_print_http(INT64_MAX, http);
	cr_expect_str_eq(http, "Fri, 31 Dec 9999 23:59:59 GMT");
	when_print_basic(INT64_MIN, basic);
	cr_expect_str_eq(basic, "00000101T000000Z");
}

Test(when, nanoseconds_have_an_end)
{
	static const struct {
		int64_t time, ns;
	} cases[] = {
		{ 0, 0 },
		{ 1, 1000000000 },
		{ -1, -1000000000 },
		{ 9223372036, 9223372036000000000 },
		{ 9223372037, 9223372036000000000 },
		{ -9223372037, -9223372036000000000 },
		{ INT64_MAX, 9223372036000000000 },
		{ INT64_MIN, -9223372036000000000 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		cr_expect_eq(when_ns(cases[i].time), cases[i].ns, "%zu", i);
}
