#include "backends/retry.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <string.h>

#define MS UINT64_C(1000000)

Test(retry, pauses_double_up_to_a_bound)
{
	static const struct {
		unsigned attempt;
		uint32_t base_ms;
		double random;
		uint64_t want;
	} cases[] = {
		{ 1, 200, 1, 200 * MS },
		{ 1, 200, 0.5, 100 * MS },
		{ 1, 200, 0, 0 },
		{ 2, 200, 1, 400 * MS },
		{ 3, 200, 0.25, 200 * MS },
		{ 7, 200, 1, 12800 * MS },
		{ 8, 200, 1, 20000 * MS },
		{ 1000000, 200, 0.5, 10000 * MS },
		{ 5, 0, 1, 0 },
		{ 40, UINT32_MAX, 1, 20000 * MS },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		cr_expect_eq(retry_pause_ns(cases[i].attempt, cases[i].base_ms,
					    cases[i].random),
			     cases[i].want, "%zu", i);
}

/* Sun, 06 Nov 1994 08:49:37 GMT, as RFC 9110 has it. */
#define NOW INT64_C(784111777)

Test(retry, retry_after_is_seconds_or_a_date)
{
	static const struct {
		const char *text;
		int rc;
		uint64_t seconds;
	} cases[] = {
		{ "0", 0, 0 },
		{ "120", 0, 120 },
		{ "99999999999999999999", 0, UINT64_C(1) << 31 },
		{ "Sun, 06 Nov 1994 08:49:37 GMT", 0, 0 },
		{ "Sun, 06 Nov 1994 08:49:40 GMT", 0, 3 },
		{ "Sun, 06 Nov 1994 08:49:30 GMT", 0, 0 },
		{ "Mon, 07 Nov 1994 08:49:37 GMT", 0, 86400 },
		{ "Sunday, 06-Nov-94 08:50:37 GMT", 0, 60 },
		{ "Sun Nov  6 08:49:47 1994", 0, 10 },
		{ "Thu, 01 Jan 1970 00:00:00 GMT", 0, 0 },
		{ "", -EINVAL, 0 },
		{ "-1", -EINVAL, 0 },
		{ "1.5", -EINVAL, 0 },
		{ "5 s", -EINVAL, 0 },
		{ "soon", -EINVAL, 0 },
		{ "Nov, 06 Nov 1994 08:49:40 GMT", -EINVAL, 0 },
		{ "Sun, 06 Nov 1994 08:49:37", -EINVAL, 0 },
		{ "Sun, 06 Nov 1994 08:49:37 GMT+1", -EINVAL, 0 },
		{ "Sun, 06 Foo 1994 08:49:37 GMT", -EINVAL, 0 },
		{ "Sun, 06 ovD 1994 08:49:37 GMT", -EINVAL, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *text = cases[i].text;
		uint64_t ns = 0;

		cr_expect_eq(retry_after_ns(text, strlen(text), NOW, &ns),
			     cases[i].rc, "%s", text);
		cr_expect_eq(ns, cases[i].seconds * 1000 * MS, "%s: %zu", text,
			     (size_t)ns);
	}
}

Test(retry, a_year_of_two_digits_is_a_near_one)
{
	/* 2 January 2026 */
	static const int64_t now = 1767312000;
	static const char year_26[] = "Friday, 02-Jan-26 00:00:09 GMT";
	static const char year_94[] = "Sunday, 06-Nov-94 08:49:37 GMT";
	uint64_t ns;

	cr_assert_eq(retry_after_ns(year_26, strlen(year_26), now, &ns), 0);
	cr_expect_eq(ns, 9000 * MS);
	cr_assert_eq(retry_after_ns(year_94, strlen(year_94), now, &ns), 0);
	cr_expect_eq(ns, 0);
}

Test(retry, only_the_text_given_is_read)
{
	uint64_t ns;

	cr_assert_eq(retry_after_ns("123456", 2, NOW, &ns), 0);
	cr_expect_eq(ns, 12000 * MS);
}
