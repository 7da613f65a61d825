/* Where the time of reads went, as one self-contained SVG: which part of it each
 * layer took, the cumulative latency distribution of READ at each level (on the
 * scale of plot.h), and a table of the values.  No scripts, no fonts to fetch;
 * 900 px wide, and made to be scaled.
 *
 * What was not measured is left out: levels without reads and their shares, all
 * shares if they are 0 or there is one level.  Without any reads the picture
 * says so.  Percentiles have the error of a histogram (hist.h). */
#ifndef APP_PICTURE_H
#define APP_PICTURE_H

#include "base/recorder.h"

/* Parts of the summed time of reads, 0 … 1 each. */
struct picture_shares {
	double kernel, handler, store, network;
	uint64_t total_ns; /* the time they are parts of; 0: not said */
	bool overlapped;   /* the levels did not see the same reads */
};

struct picture {
	/* Any bytes; long ones are cut to the width.  May be NULL. */
	const char *title, *subtitle;
	struct picture_shares shares;
	const struct recorder *recorder; /* NULL: no reads */
};

/* 0, or a negative errno if out could not be written.  It stays open. */
int picture_write(const struct picture *p, FILE *out) MUST_USE;

#endif
