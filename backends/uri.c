#include "backends/uri.h"

#include <string.h>

static bool is_unreserved(unsigned char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c >= '0' && c <= '9') || (c && strchr("-._~", c));
}

size_t uri_encode(const char *text, bool keep_slash, char *out)
{
	char *to = out;

	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (is_unreserved(c) || (keep_slash && c == '/')) {
			*to++ = (char)c;
			continue;
		}
		*to++ = '%';
		*to++ = "0123456789ABCDEF"[c >> 4];
		*to++ = "0123456789ABCDEF"[c & 15];
	}
	*to = '\0';
	return (size_t)(to - out);
}

/* -1: that is no digit. */
static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static int escaped_byte(const char *text)
{
	int high = text[0] == '%' ? hex_value(text[1]) : -1;
	int low = high >= 0 ? hex_value(text[2]) : -1;

	return low >= 0 ? high << 4 | low : -1;
}

size_t uri_decode(char *text)
{
	char *to = text;

	for (const char *from = text; *from; to++) {
		int byte = escaped_byte(from);

		*to = byte >= 0 ? (char)byte : *from;
		from += byte >= 0 ? 3 : 1;
	}
	*to = '\0';
	return (size_t)(to - text);
}
