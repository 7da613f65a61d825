#include "app/svg.h"

#include <criterion/criterion.h>

static const struct svg_style plain = { "", 10 };

Test(svg, any_text_becomes_xml_that_fits)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "" },
		{ "12.3 us", "12.3 us" },
		{ "<a> & \"b\"", "&#60;a&#62; &#38; \"b\"" },
		{ "]]>", "]]&#62;" },
		{ "naïve → 𝄞", "naïve → 𝄞" },
		{ "a\nb\x01", "a\xef\xbf\xbd"
			      "b\xef\xbf\xbd" },
		{ "\xff\xc3(", "\xef\xbf\xbd\xef\xbf\xbd(" },
		{ "\xef\xbf\xbe\xef\xbf\xbf", "\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xef\xbf\xbd\xf0\x90\x80\x80",
		  "\xef\xbf\xbd\xf0\x90\x80\x80" },
		{ "0123456789", "0123456789" },
		{ "0123456789a", "012345678…" },
		{ "<<<<<<<<<<<", "&#60;&#60;&#60;&#60;&#60;&#60;&#60;&#60;"
				 "&#60;…" },
		{ "ääääääääää", "ääääääääää" },
		{ "äääääääääää", "äääääääää…" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *got = NULL, want[128];
		size_t length;
		FILE *out = open_memstream(&got, &length);

		svg_text(out, 1, 2.25, &plain, cases[i].text);
		fclose(out);
		snprintf(want, sizeof(want),
			 "<text x='1.0' y='2.2' >%s</text>\n", cases[i].want);
		cr_expect_str_eq(got, want, "case %zu: %s", i, got);
		free(got);
	}
}
