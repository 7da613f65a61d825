#include "backends/azure_token.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <string.h>

#define NOW 1795385374

static int64_t here(int year, int month, int day, int hour)
{
	struct tm tm = { .tm_year = year - 1900,
			 .tm_mon = month - 1,
			 .tm_mday = day,
			 .tm_hour = hour,
			 .tm_isdst = -1 };

	return mktime(&tm);
}

Test(azure_token, is_read_in_every_spelling)
{
	const struct {
		const char *text;
		int64_t expires;
	} cases[] = {
		{ "{\"access_token\":\"t\",\"expires_in\":3599,"
		  "\"ext_expires_in\":3599,\"token_type\":\"Bearer\"}",
		  NOW + 3599 },
		{ "{\"access_token\":\"t\",\"expires_in\":\"86399\","
		  "\"expires_on\":\"1\"}",
		  NOW + 86399 },
		{ "{\"access_token\":\"t\",\"expires_on\":\"1795389000\"}",
		  1795389000 },
		{ "{\"accessToken\":\"t\",\"expires_on\":1795389000,"
		  "\"expiresOn\":\"2026-11-22 10:00:00.000000\"}",
		  1795389000 },
		{ "{\"accessToken\":\"t\","
		  "\"expiresOn\":\"2026-11-22 10:00:00.123456\"}",
		  here(2026, 11, 22, 10) },
		{ "{\"accessToken\":\"t\","
		  "\"expiresOn\":\"2026-07-01 10:00:00\"}",
		  here(2026, 7, 1, 10) },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct azure_found f = { 0 };
		const char *text = cases[i].text;

		cr_assert_eq(azure_token_read(text, strlen(text), NOW, &f), 0,
			     "%s", text);
		cr_expect_str_eq(f.token, "t");
		cr_expect_eq(f.expires, cases[i].expires, "%s", text);
		azure_found_clear(&f);
	}
}

Test(azure_token, is_refused_if_it_is_none)
{
	static const char *const wrong[] = {
		"",
		"t",
		"[]",
		"{}",
		"{\"access_token\":\"t\"}",
		"{\"expires_in\":1}",
		"{\"access_token\":\"\",\"expires_in\":1}",
		"{\"access_token\":\"a b\",\"expires_in\":1}",
		"{\"access_token\":\"a\\r\\nX: y\",\"expires_in\":1}",
		"{\"access_token\":\"a\\u0000b\",\"expires_in\":1}",
		"{\"access_token\":1,\"expires_in\":1}",
		"{\"access_token\":\"t\",\"expires_in\":\"soon\"}",
		"{\"access_token\":\"t\",\"expires_in\":9223372036854775807}",
		"{\"access_token\":\"t\",\"expiresOn\":\"tomorrow\"}",
		"{\"access_token\":\"t\",\"expiresOn\":\"2026-11-22T10:00Z\"}",
		"{\"access_token\":\"t\",\"expires_in\":1",
	};

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct azure_found f = { 0 };

		cr_expect_eq(azure_token_read(wrong[i], strlen(wrong[i]), NOW,
					      &f),
			     -EBADMSG, "%s", wrong[i]);
		azure_found_clear(&f);
	}
}
