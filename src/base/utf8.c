#include "base/utf8.h"

size_t utf8_length(const char *text)
{
	static const struct {
		unsigned char first[2], second[2]; /* from, to */
		size_t length;
	} forms[] = {
		{ { 0xc2, 0xdf }, { 0x80, 0xbf }, 2 },
		{ { 0xe0, 0xe0 }, { 0xa0, 0xbf }, 3 },
		{ { 0xe1, 0xec }, { 0x80, 0xbf }, 3 },
		{ { 0xed, 0xed }, { 0x80, 0x9f }, 3 },
		{ { 0xee, 0xef }, { 0x80, 0xbf }, 3 },
		{ { 0xf0, 0xf0 }, { 0x90, 0xbf }, 4 },
		{ { 0xf1, 0xf3 }, { 0x80, 0xbf }, 4 },
		{ { 0xf4, 0xf4 }, { 0x80, 0x8f }, 4 },
	};
	const unsigned char *s = (const unsigned char *)text;
	size_t form = 0;

	if (s[0] < 0x80)
		return 1;
	while (form < ARRAY_SIZE(forms) && s[0] > forms[form].first[1])
		form++;
	if (form == ARRAY_SIZE(forms) || s[0] < forms[form].first[0] ||
	    s[1] < forms[form].second[0] || s[1] > forms[form].second[1])
		return 0;
	for (size_t i = 2; i < forms[form].length; i++)
		if (s[i] < 0x80 || s[i] > 0xbf)
			return 0;
	return forms[form].length;
}
