#include "app/svg.h"

#include "base/utf8.h"

#include <string.h>

void svg_begin(FILE *out, double width, double height)
{
	fprintf(out,
		"<svg xmlns='http://www.w3.org/2000/svg' width='%g' "
		"height='%g' viewBox='0 0 %g %g' fill='#1F2933' "
		"font-family='system-ui, \"Segoe UI\", Helvetica, Arial, "
		"sans-serif'>\n",
		width, height, width, height);
	svg_rectangle(out, 0, 0, width, height, "#FFFFFF");
}

void svg_end(FILE *out)
{
	fputs("</svg>\n", out);
}

/* XML 1.0, 2.2: no control characters, no U+FFFE, no U+FFFF.  (It would allow
 * tabs and ends of lines.) */
static bool is_xml(const char *c, size_t length)
{
	if (length == 1)
		return (unsigned char)*c >= ' ';
	return length > 1 && strncmp(c, "\xef\xbf\xbe", 3) != 0 &&
	       strncmp(c, "\xef\xbf\xbf", 3) != 0;
}

static void write_character(FILE *out, const char *c, size_t length)
{
	if (!is_xml(c, length))
		fputs(UTF8_REPLACEMENT, out);
	else if (strchr("<>&", *c))
		fprintf(out, "&#%d;", *c);
	else
		fwrite(c, 1, length, out);
}

static void write_text(FILE *out, const char *s, size_t max)
{
	for (size_t n = 1; *s; n++) {
		size_t length = utf8_length(s);
		const char *next = s + MAX(length, 1);

		if (n == max && *next) {
			fputs("…", out);
			return;
		}
		write_character(out, s, length);
		s = next;
	}
}

void svg_text(FILE *out, double x, double y, const struct svg_style *style,
	      const char *text)
{
	fprintf(out, "<text x='%.1f' y='%.1f' %s>", x, y, style->attributes);
	write_text(out, text, style->max);
	fputs("</text>\n", out);
}

void svg_rectangle(FILE *out, double x, double y, double width, double height,
		   const char *colour)
{
	fprintf(out,
		"<rect x='%.1f' y='%.1f' width='%.1f' height='%.1f' "
		"fill='%s'/>\n",
		x, y, width, height, colour);
}

void svg_line(FILE *out, double x1, double y1, double x2, double y2,
	      const char *colour)
{
	fprintf(out,
		"<line x1='%.1f' y1='%.1f' x2='%.1f' y2='%.1f' "
		"stroke='%s'/>\n",
		x1, y1, x2, y2, colour);
}
