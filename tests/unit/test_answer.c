#include "backends/answer.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <string.h>

static struct answer *answer(const char *text)
{
	struct answer *a;

	cr_assert_eq(answer_new(text, strlen(text), &a), 0, "%s", text);
	return a;
}

Test(answer, gives_members_that_are_texts)
{
	struct answer *a = answer("{\"AccessKeyId\": \"AK\\u00fc\", \"n\": 7, "
				  "\"o\": {\"x\": \"y\"}, \"z\": null, "
				  "\"e\": \"\"}");

	cr_expect_str_eq(answer_text(a, "AccessKeyId"), "AK\xc3\xbc");
	cr_expect_str_eq(answer_text(a, "e"), "");
	cr_expect_null(answer_text(a, "accesskeyid"));
	cr_expect_null(answer_text(a, "n"));
	cr_expect_null(answer_text(a, "o"));
	cr_expect_null(answer_text(a, "z"));
	answer_free(a);
}

Test(answer, numbers_are_numbers_or_digits)
{
	static const struct {
		const char *text;
		int rc;
		int64_t want;
	} cases[] = {
		{ "{\"n\": 3599}", 0, 3599 },
		{ "{\"n\": -5}", 0, -5 },
		{ "{\"n\": \"1700000000\"}", 0, 1700000000 },
		{ "{\"n\": \"-1\"}", 0, -1 },
		{ "{\"n\": 9223372036854775807}", 0, INT64_MAX },
		{ "{\"n\": \"\"}", -EINVAL, 0 },
		{ "{\"n\": \" 1\"}", -EINVAL, 0 },
		{ "{\"n\": \"+1\"}", -EINVAL, 0 },
		{ "{\"n\": \"1 \"}", -EINVAL, 0 },
		{ "{\"n\": \"1e3\"}", -EINVAL, 0 },
		{ "{\"n\": \"9223372036854775808\"}", -EINVAL, 0 },
		{ "{\"n\": 1.5}", -EINVAL, 0 },
		{ "{\"n\": true}", -EINVAL, 0 },
		{ "{\"n\": null}", -EINVAL, 0 },
		{ "{\"m\": 1}", -ENOENT, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct answer *a = answer(cases[i].text);
		int64_t got = 0;

		cr_expect_eq(answer_number(a, "n", &got), cases[i].rc, "%s",
			     cases[i].text);
		cr_expect_eq(got, cases[i].want, "%s", cases[i].text);
		answer_free(a);
	}
}

Test(answer, is_an_object_and_nothing_else)
{
	static const char *const bad[] = {
		"",
		"{",
		"[]",
		"7",
		"\"a\"",
		"{\"a\": 1} x",
		"{\"a\": \"\xff\"}",
		"{\"a\": 1, \"a\": 2}",
		"{\"a\": \"\\u0000\"}",
		"<html>",
	};
	struct answer *a;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		cr_expect_eq(answer_new(bad[i], strlen(bad[i]), &a), -EBADMSG,
			     "%s", bad[i]);
	answer_free(NULL);
}

Test(answer, is_bounded_in_size_and_depth)
{
	enum { MEGABYTE = 1 << 20 };
	AUTO_FREE char *text = malloc(MEGABYTE + 1);
	struct answer *a;

	memset(text, ' ', MEGABYTE + 1);
	memcpy(text, "{}", 2);
	cr_assert_eq(answer_new(text, MEGABYTE, &a), 0);
	answer_free(a);
	cr_expect_eq(answer_new(text, MEGABYTE + 1, &a), -EBADMSG);

	memset(text, '[', MEGABYTE);
	memcpy(text, "{\"a\":", 5);
	cr_expect_eq(answer_new(text, MEGABYTE, &a), -EBADMSG);
}
