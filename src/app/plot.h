/* Where things go in a plot of cumulative latency: pure geometry.
 *
 * x is the logarithm of a duration, over whole decades.  y is a share q of all
 * operations, 0 at the bottom and 1 at the top, on a scale that shows the bulk
 * and stretches the tail:
 *
 *	height(q) = 0.4 q + 0.6 nines(q),
 *	nines(q) = log10(1 / (1 - 0.9999 q)) / 4
 *
 *	q		0	50 %	90 %	99 %	99.9 %	100 %
 *	height		0	0.25	0.51	0.70	0.84	1
 *
 * nines() alone would be a scale of "nines", finite at 100 %; q alone would be
 * an ordinary one.  Coordinates are SVG's: y grows downwards. */
#ifndef APP_PLOT_H
#define APP_PLOT_H

#include "base/hist.h"

struct plot {
	double left, right, top, bottom;
	unsigned first, last; /* decades: 10^first … 10^last ns */
};

/* The decades that hold min … max, and never fewer than PLOT_DECADES, lest a
 * small difference look large. */
#define PLOT_DECADES 3
void plot_fit(struct plot *p, uint64_t min_ns, uint64_t max_ns);

/* Durations outside the decades are put at the border. */
double plot_x(const struct plot *p, double ns);
double plot_y(const struct plot *p, double share);

/* The cumulative distribution as the data of an SVG path ("M100.0 400.0L…"):
 * from the minimum to the maximum, straight through each bucket.  A histogram
 * that is empty writes nothing. */
void plot_path(const struct plot *p, const struct hist *h, FILE *out);

/* Move points that are nearer than gap apart from each other, as little as need
 * be, and keep all within [low, high], which has room for them.  x ascends. */
void plot_spread(double *x, size_t n, double gap, double low, double high);

#endif
