#include "backends/renewal.h"

#include "lib/capture.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

/* A source that is asked at a time of the test's choice. */
struct source {
	struct renewal renewal;
	int64_t now, lasts;
	int rc;	       /* of the next ask */
	bool doubtful; /* what take says */
	unsigned asked, taken;
};

static int64_t now(const void *owner)
{
	return ((const struct source *)owner)->now;
}

static int ask(void *owner)
{
	struct source *s = owner;

	s->asked++;
	return s->rc;
}

static bool take(void *owner, int64_t *expires)
{
	struct source *s = owner;

	s->taken++;
	*expires = s->lasts ? s->now + s->lasts : 0;
	return s->doubtful;
}

static const struct renewal_ops ops = {
	.what = "cookies",
	.now = now,
	.ask = ask,
	.take = take,
};

/* Asked at 1000, and good until 2000. */
static void begin(struct source *s)
{
	*s = (struct source){ .now = 1000, .lasts = 1000 };
	renewal_init(&s->renewal, &ops, s);
	s->renewal.expires = 2000;
}

static int ensure(struct source *s, int64_t when)
{
	LOCKED(&s->renewal.lock);

	s->now = when;
	return renewal_ensure(&s->renewal);
}

static void refuse(struct source *s)
{
	LOCKED(&s->renewal.lock);

	renewal_refuse(&s->renewal);
}

Test(renewal, comes_five_minutes_early_and_not_before)
{
	struct source s;

	begin(&s);
	cr_expect_eq(ensure(&s, 1699), 0);
	cr_expect_eq(s.asked, 0);
	cr_expect_eq(ensure(&s, 1700), 0);
	cr_expect_eq(s.taken, 1);
	cr_expect_eq(ensure(&s, 2399), 0);
	cr_expect_eq(s.taken, 1);
	renewal_destroy(&s.renewal);
}

Test(renewal, is_not_for_what_never_expires)
{
	struct source s;

	begin(&s);
	s.renewal.expires = 0;
	cr_expect_eq(ensure(&s, INT64_MAX), 0);
	cr_expect_eq(s.asked, 0);
	renewal_destroy(&s.renewal);
}

Test(renewal, that_fails_leaves_the_old_while_it_is_good)
{
	static const struct {
		int64_t when;
		int rc;
		unsigned asked;
	} steps[] = {
		{ 1700, 0, 1 },	      { 1759, 0, 1 },
		{ 1760, 0, 2 },	      { 1999, 0, 3 },
		{ 2000, -EACCES, 4 }, { 2009, -EACCES, 4 },
		{ 2010, -EACCES, 5 },
	};
	struct capture said;
	struct source s;

	begin(&s);
	s.rc = -EIO;
	capture_start(&said);
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		cr_expect_eq(ensure(&s, steps[i].when), steps[i].rc, "step %zu",
			     i);
		cr_expect_eq(s.asked, steps[i].asked, "step %zu: %u", i,
			     s.asked);
	}
	capture_stop(&said);
	cr_expect_not_null(strstr(said.text, "the old cookies, good for "
					     "another 300 s"),
			   "%s", said.text);
	s.rc = 0;
	cr_expect_eq(ensure(&s, 2020), 0);
	renewal_destroy(&s.renewal);
}

Test(renewal, follows_a_refusal_at_once)
{
	struct source s;

	begin(&s);
	refuse(&s);
	cr_expect_eq(ensure(&s, 1000), 0);
	cr_expect_eq(s.taken, 1);
	refuse(&s);
	cr_expect_eq(ensure(&s, 1000), 0);
	cr_expect_eq(s.taken, 2);
	renewal_destroy(&s.renewal);
}

Test(renewal, ignores_refusals_for_ten_seconds_when_they_may_mean_the_old)
{
	struct source s;

	begin(&s);
	s.doubtful = true;
	refuse(&s);
	cr_expect_eq(ensure(&s, 1000), 0);
	s.now = 1009;
	refuse(&s);
	cr_expect_eq(ensure(&s, 1009), 0);
	cr_expect_eq(s.taken, 1);
	s.now = 1010;
	refuse(&s);
	cr_expect_eq(ensure(&s, 1010), 0);
	cr_expect_eq(s.taken, 2);
	renewal_destroy(&s.renewal);
}

Test(renewal, says_why_there_is_nothing)
{
	static const struct {
		int asked, want;
	} cases[] = {
		{ -ECANCELED, -ECANCELED },
		{ -ENOMEM, -ENOMEM },
		{ -ENOENT, -EACCES },
		{ -ETIMEDOUT, -EACCES },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct source s;

		begin(&s);
		s.rc = cases[i].asked;
		refuse(&s);
		cr_expect_eq(ensure(&s, 1000), cases[i].want, "case %zu", i);
		renewal_destroy(&s.renewal);
	}
}
