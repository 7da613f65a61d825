#include "io/versions.h"

#include <criterion/criterion.h>

Test(versions, the_first_is_as_good_as_any)
{
	struct versions v = { 0 };

	cr_expect(!versions_ended(&v, 1));
	cr_expect(versions_seen(&v, 1, 100));
	cr_expect(versions_seen(&v, 1, 100));
	cr_expect(versions_seen(&v, 2, 200), "another object");
	cr_expect(!versions_ended(&v, 1));
	versions_free(&v);
}

Test(versions, another_one_is_refused_once)
{
	struct versions v = { 0 };

	cr_expect(versions_seen(&v, 1, 100));
	cr_expect(!versions_seen(&v, 1, 101));
	cr_expect(versions_ended(&v, 1));
	cr_expect(versions_seen(&v, 1, 101));
	cr_expect(versions_ended(&v, 1), "there may be pages of the first");
	versions_cleaned(&v, 1);
	cr_expect(!versions_ended(&v, 1));
	cr_expect(!versions_seen(&v, 1, 100), "nor is the old one good again");
	versions_free(&v);
}

Test(versions, one_that_is_gone_may_be_followed_by_any)
{
	struct versions v = { 0 };

	versions_end(&v, 1);
	cr_expect(!versions_ended(&v, 1), "nobody read it");
	cr_expect(versions_seen(&v, 1, 100));
	versions_end(&v, 1);
	cr_expect(versions_ended(&v, 1));
	cr_expect(versions_seen(&v, 1, 200));
	versions_free(&v);
}

Test(versions, what_is_forgotten_may_change)
{
	struct versions v = { 0 };

	versions_forget(&v, 1);
	cr_expect(versions_seen(&v, 1, 100));
	versions_forget(&v, 1);
	cr_expect(!versions_ended(&v, 1));
	cr_expect(versions_seen(&v, 1, 200));
	versions_free(&v);
}

Test(versions, what_has_been_seen_is_known_until_it_is_replaced)
{
	struct versions v = { 0 };

	cr_expect(!versions_known(&v, 1));
	cr_expect(versions_seen(&v, 1, 100));
	cr_expect(versions_known(&v, 1));
	cr_expect(!versions_seen(&v, 1, 200));
	cr_expect(!versions_known(&v, 1));
	cr_expect(versions_seen(&v, 1, 200));
	versions_forget(&v, 1);
	cr_expect(!versions_known(&v, 1));
	versions_free(&v);
}

Test(versions, many_objects_have_their_own)
{
	struct versions v = { 0 };

	/* Neighbours, and such as differ in high bits only. */
	for (uint64_t i = 1; i <= 10000; i++)
		cr_assert(versions_seen(&v, i % 2 ? i : i << 40, i + 10));
	for (uint64_t i = 1; i <= 10000; i++)
		cr_assert(versions_seen(&v, i % 2 ? i : i << 40, i + 10), "%lu",
			  i);
	for (uint64_t i = 1; i <= 10000; i++)
		cr_assert(!versions_seen(&v, i % 2 ? i : i << 40, i + 11));
	versions_free(&v);
}
