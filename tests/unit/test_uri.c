#include "backends/uri.h"

#include <criterion/criterion.h>

#include <string.h>

static const struct {
	const char *text, *path, *value; /* encoded with and without slashes */
} cases[] = {
	{ "", "", "" },
	{ "AZaz09-._~", "AZaz09-._~", "AZaz09-._~" },
	{ "a/b//c", "a/b//c", "a%2Fb%2F%2Fc" },
	{ " +%&?#'()*!", "%20%2B%25%26%3F%23%27%28%29%2A%21",
	  "%20%2B%25%26%3F%23%27%28%29%2A%21" },
	{ "\xc3\xbc\x01\x7f\xff", "%C3%BC%01%7F%FF", "%C3%BC%01%7F%FF" },
	{ "%41", "%2541", "%2541" },
};

Test(uri, escapes_all_but_the_unreserved)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char out[64];

		cr_expect_eq(uri_encode(cases[i].text, true, out),
			     strlen(cases[i].path));
		cr_expect_str_eq(out, cases[i].path);
		cr_expect_eq(uri_encode(cases[i].text, false, out),
			     strlen(cases[i].value));
		cr_expect_str_eq(out, cases[i].value);
	}
}

Test(uri, decodes_what_was_encoded)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[64];

		uri_encode(cases[i].text, false, text);
		cr_expect_eq(uri_decode(text), strlen(cases[i].text));
		cr_expect_str_eq(text, cases[i].text);
	}
}

Test(uri, leaves_alone_what_is_no_escape)
{
	static const struct {
		const char *text, *want;
	} odd[] = {
		{ "%", "%" },	      { "%4", "%4" },
		{ "%4g", "%4g" },     { "%%41", "%A" },
		{ "a+b", "a+b" },     { "%c3%bc", "\xc3\xbc" },
		{ "%g1%41", "%g1A" },
	};
	char text[16];

	for (size_t i = 0; i < ARRAY_SIZE(odd); i++) {
		strncpy(text, odd[i].text, sizeof(text));
		cr_expect_eq(uri_decode(text), strlen(odd[i].want));
		cr_expect_str_eq(text, odd[i].want, "'%s'", odd[i].text);
	}
}

Test(uri, says_the_length_of_what_holds_a_nul)
{
	char text[] = "a%00b";

	cr_expect_eq(uri_decode(text), 3);
	cr_expect_arr_eq(text, "a\0b", 4);
}
