/* The few shapes that our pictures are made of, as SVG.  Coordinates and sizes
 * are pixels, y grows downwards.  Write errors stay in the stream. */
#ifndef APP_SVG_H
#define APP_SVG_H

#include "base/util.h"

/* How a text looks, and how many characters fit where it stands. */
struct svg_style {
	const char *attributes;
	size_t max;
};

void svg_begin(FILE *out, double width, double height);
void svg_end(FILE *out);

/* Any bytes: what is no UTF-8, or no character of XML, becomes U+FFFD.  A text
 * longer than its style's max is cut and ends in "…". */
void svg_text(FILE *out, double x, double y, const struct svg_style *style,
	      const char *text);
void svg_rectangle(FILE *out, double x, double y, double width, double height,
		   const char *colour);
void svg_line(FILE *out, double x1, double y1, double x2, double y2,
	      const char *colour);

#endif
