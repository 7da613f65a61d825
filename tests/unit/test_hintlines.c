#include "fuse/hintlines.h"

#include <criterion/criterion.h>
#include <string.h>

struct log {
	char text[4096];
	size_t len;
};

/* "path offset length;", and no path may be called "bad". */
static bool take(void *arg, const char *path, uint64_t offset, uint64_t len)
{
	struct log *log = arg;

	if (strcmp(path, "bad") == 0)
		return false;
	log->len += (size_t)snprintf(log->text + log->len,
				     sizeof(log->text) - log->len,
				     "%s %lu %lu;", path, offset, len);
	return true;
}

static const struct {
	const char *text, *want;
	uint64_t taken, ignored;
} cases[] = {
	{ "", "", 0, 0 },
	{ "a", "a 0 0;", 1, 0 },
	{ "a\n", "a 0 0;", 1, 0 },
	{ "a\nb/c\n", "a 0 0;b/c 0 0;", 2, 0 },
	{ "\n\na\n\n", "a 0 0;", 1, 0 },
	{ "a b\n", "a b 0 0;", 1, 0 },
	{ "a\t1\t2\n", "a 1 2;", 1, 0 },
	{ "a\t18446744073709551615\t1", "a 18446744073709551615 1;", 1, 0 },
	{ "a\t18446744073709551616\t1", "", 0, 1 },
	{ "a\t0\t0\n", "", 0, 1 },
	{ "a\t1\n", "", 0, 1 },
	{ "a\t1\t\n", "", 0, 1 },
	{ "a\t1\t2\t\n", "", 0, 1 },
	{ "a\t1\t2x\n", "", 0, 1 },
	{ "a\t-1\t2\n", "", 0, 1 },
	{ "a\t 1\t2\n", "", 0, 1 },
	{ "a\tb\n", "", 0, 1 },
	{ "\t1\t2\n", "", 0, 1 },
	{ "bad\ngood\nbad", "good 0 0;", 1, 2 },
};

/* However a text is cut into writes, it says the same. */
Test(hintlines, lines_are_taken_from_writes_that_end_anywhere)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t len = strlen(cases[i].text);

		for (size_t step = 1; step <= len + 1; step++) {
			struct log log = { 0 };
			struct hintlines h = { .take = take, .arg = &log };

			for (size_t at = 0; at < len; at += step)
				hintlines_write(&h, cases[i].text + at,
						MIN(step, len - at));
			hintlines_end(&h);
			cr_expect_str_eq(log.text, cases[i].want,
					 "row %zu by %zu", i, step);
			cr_expect_eq(h.taken, cases[i].taken, "row %zu", i);
			cr_expect_eq(h.ignored, cases[i].ignored, "row %zu", i);
		}
	}
}

Test(hintlines, a_line_is_taken_as_soon_as_it_has_ended)
{
	struct log log = { 0 };
	struct hintlines h = { .take = take, .arg = &log };

	hintlines_write(&h, "one\ntw", 6);
	cr_expect_str_eq(log.text, "one 0 0;");
	hintlines_write(&h, "o\n", 2);
	cr_expect_str_eq(log.text, "one 0 0;two 0 0;");
}

Test(hintlines,
     what_has_a_zero_byte_or_is_too_long_is_ignored_and_the_next_is_not)
{
	static const size_t sizes[] = { PATH_MAX, HINTLINES_MOST,
					HINTLINES_MOST + 1, 100000 };
	char *text = malloc(100001);

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct log log = { 0 };
		struct hintlines h = { .take = take, .arg = &log };

		memset(text, 'x', sizes[i]);
		hintlines_write(&h, text, sizes[i]);
		hintlines_write(&h, "\na\0b\nnext", 9);
		hintlines_end(&h);
		cr_expect_str_eq(log.text, "next 0 0;", "%zu", sizes[i]);
		cr_expect_eq(h.ignored, 2u);
	}
	free(text);
}

Test(hintlines, the_longest_path_is_taken_with_its_range)
{
	char text[PATH_MAX + 64];
	struct log log = { 0 };
	struct hintlines h = { .take = take, .arg = &log };

	memset(text, 'x', PATH_MAX - 1);
	strcpy(text + PATH_MAX - 1,
	       "\t18446744073709551615\t18446744073709551615");
	hintlines_write(&h, text, strlen(text));
	hintlines_end(&h);
	cr_expect_eq(h.taken, 1u);
}
