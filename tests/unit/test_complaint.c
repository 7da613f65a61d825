#include "backends/complaint.h"

#include <criterion/criterion.h>

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
	struct complaint c = { 0 };

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
	struct complaint c = { 0 };
	unsigned unsaid;

	for (int kind = 1; kind <= COMPLAINT_KINDS + 1; kind++)
		cr_expect(complaint_due(&c, kind, (uint64_t)kind, &unsaid));
	for (int kind = 2; kind <= COMPLAINT_KINDS + 1; kind++)
		cr_expect(!complaint_due(&c, kind, 99, &unsaid), "%d", kind);
	cr_expect(complaint_due(&c, 1, 99, &unsaid));
	cr_expect_eq(unsaid, 0);
}
