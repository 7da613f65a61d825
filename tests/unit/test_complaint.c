#include "backends/complaint.h"

#include "lib/capture.h"

#include <criterion/criterion.h>
#include <errno.h>

#define S NS_PER_SEC

Test(complaint, each_kind_is_said_at_once_and_then_seldom)
{
	static const struct {
		uint64_t at_s;
		int kind;
		bool due;
		unsigned unsaid;
	} cases[] = {
		{ 100, 403, true, 0 },	{ 100, 403, false, 0 },
		{ 100, -110, true, 0 }, { 105, 403, false, 0 },
		{ 109, 403, false, 0 }, { 110, 403, true, 3 },
		{ 111, 403, false, 0 }, { 111, -110, true, 0 },
		{ 300, 403, true, 1 },	{ 320, 403, true, 0 },
	};
	struct complaints c = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		unsigned unsaid = 99;

		cr_expect_eq(complaint_due(&c, cases[i].kind, cases[i].at_s * S,
					   &unsaid),
			     cases[i].due, "%zu", i);
		cr_expect_eq(unsaid, cases[i].unsaid, "%zu: %u", i, unsaid);
	}
}

Test(complaint, of_too_many_kinds_the_oldest_is_forgotten)
{
	struct complaints c = { 0 };
	unsigned unsaid;

	for (int kind = 1; kind <= COMPLAINT_KINDS + 1; kind++)
		cr_expect(complaint_due(&c, kind, (uint64_t)kind, &unsaid));
	for (int kind = 2; kind <= COMPLAINT_KINDS + 1; kind++)
		cr_expect(!complaint_due(&c, kind, 99, &unsaid), "%d", kind);
	cr_expect(complaint_due(&c, 1, 99, &unsaid));
	cr_expect_eq(unsaid, 0);
}

Test(complaint, has_what_helps_and_is_one_line)
{
	static const struct {
		struct complaint c;
		const char *want;
	} cases[] = {
		{ { -EACCES, "s3://b/p", "a\nb", "http://h", 403,
		    "Access\033Denied", "No\r\nway", "7\t8, and more", 3, "why",
		    2, 3 },
		  "s3://b/p: a b: http://h answered 403 Access Denied, "
		  "\"No  way\", request 7 8, why, after 2 attempts "
		  "(and 3 like it): Permission denied\n" },
		{ { -EIO, "az://c", NULL, "http://h", 500, "", NULL, NULL, 0,
		    NULL, 1, 0 },
		  "az://c: http://h answered 500: Input/output error\n" },
		{ { -ETIMEDOUT, "az://c", "k", "http://h", 0, "", "", NULL, 0,
		    "no answer", 1, 0 },
		  "az://c: k: http://h failed: no answer: "
		  "Connection timed out\n" },
		{ { -EIO, "az://c", "k", "http://h", 0, "", "", NULL, 0, "", 0,
		    0 },
		  "az://c: k: http://h failed: Input/output error\n" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char want[512];
		struct capture said;

		snprintf(want, sizeof(want), "dliofs: error: %s",
			 cases[i].want);
		capture_start(&said);
		complaint_say(&cases[i].c);
		cr_expect_str_eq(capture_stop(&said), want, "%s", said.text);
	}
}
