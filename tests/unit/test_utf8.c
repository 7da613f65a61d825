#include "base/utf8.h"

#include <criterion/criterion.h>

Test(utf8, tells_characters_from_bytes_that_are_none)
{
	static const struct {
		const char *text;
		size_t want;
	} cases[] = {
		{ "", 1 },
		{ "a", 1 },
		{ "\x7f", 1 },
		{ "\x80", 0 }, /* the middle of something */
		{ "\xbf", 0 },
		{ "\xc1\xbf", 0 }, /* overlong */
		{ "\xc2\x80", 2 },
		{ "\xdf\xbf", 2 },
		{ "\xc2", 0 }, /* cut off */
		{ "\xc2"
		  "a",
		  0 },
		{ "\xe0\x9f\xbf", 0 }, /* overlong */
		{ "\xe0\xa0\x80", 3 },
		{ "\xe2\x82\xac and more", 3 },
		{ "\xe2\x82", 0 },
		{ "\xe2\x82"
		  "a",
		  0 },
		{ "\xed\x9f\xbf", 3 },
		{ "\xed\xa0\x80", 0 }, /* a surrogate */
		{ "\xef\xbf\xbf", 3 },
		{ "\xf0\x8f\xbf\xbf", 0 }, /* overlong */
		{ "\xf0\x90\x80\x80", 4 },
		{ "\xf0\x9d\x84\x9e", 4 },
		{ "\xf0\x9d\x84", 0 },
		{ "\xf4\x8f\xbf\xbf", 4 },
		{ "\xf4\x90\x80\x80", 0 }, /* above U+10FFFF */
		{ "\xf5\x80\x80\x80", 0 },
		{ "\xff", 0 },
		{ UTF8_REPLACEMENT, 3 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		cr_expect_eq(utf8_length(cases[i].text), cases[i].want,
			     "case %zu", i);
}
