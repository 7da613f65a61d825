#include "config/quote.h"

#include "base/utf8.h"

#include <inttypes.h>

static uint32_t decode(const char *s, size_t n)
{
	/* Bits that a first byte holds, by the character's length. */
	static const unsigned char first[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	uint32_t c = (unsigned char)s[0] & first[n];

	for (size_t i = 1; i < n; i++)
		c = c << 6 | ((unsigned char)s[i] & 0x3f);
	return c;
}

/* YAML 1.1, 4.1.1: what may stand for itself, less the line breaks. */
static bool is_printable(uint32_t c)
{
	return (c >= 0x20 && c < 0x7f) || (c >= 0xa0 && c < 0x2028) ||
	       (c > 0x2029 && c < 0xfeff) || (c > 0xfeff && c < 0xfffe) ||
	       c > 0xffff;
}

void quote_print(const char *text, FILE *out)
{
	fputc('"', out);
	while (*text) {
		size_t n = utf8_length(text);
		uint32_t c = decode(text, n);

		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", (int)c);
		else if (n && is_printable(c))
			fwrite(text, 1, n, out);
		else
			fprintf(out,
				c > 0xff ? "\\u%04" PRIX32 : "\\x%02" PRIX32,
				c);
		text += n ? n : 1;
	}
	fputc('"', out);
}

bool quote_is_needed(const char *text)
{
	for (size_t n; *text; text += n) {
		n = utf8_length(text);
		if (!n || !is_printable(decode(text, n)))
			return true;
	}
	return false;
}
