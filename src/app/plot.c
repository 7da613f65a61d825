#include "app/plot.h"

#include <math.h>

/* The highest power of ten that is not above. */
static unsigned decade_of(uint64_t ns)
{
	unsigned decade = 0;

	for (; ns >= 10; ns /= 10)
		decade++;
	return decade;
}

void plot_fit(struct plot *p, uint64_t min_ns, uint64_t max_ns)
{
	p->first = decade_of(min_ns);
	p->last = max_ns > 1 ? decade_of(max_ns - 1) + 1 : 0;
	while (p->last < p->first + PLOT_DECADES) {
		p->last++;
		if (p->first > 0 && p->last < p->first + PLOT_DECADES)
			p->first--;
	}
}

double plot_x(const struct plot *p, double ns)
{
	double decades = log10(MAX(ns, 1)) - p->first;
	double share = decades / (p->last - p->first);

	return p->left + MAX(0, MIN(share, 1)) * (p->right - p->left);
}

double plot_y(const struct plot *p, double share)
{
	double nines = -log10(1 - 0.9999 * share) / 4;
	double height = 0.4 * share + 0.6 * nines;

	return p->bottom - height * (p->bottom - p->top);
}

static void point(const struct plot *p, char command, double ns, double share,
		  FILE *out)
{
	fprintf(out, "%c%.1f %.1f", command, plot_x(p, ns), plot_y(p, share));
}

void plot_path(const struct plot *p, const struct hist *h, FILE *out)
{
	uint64_t min = hist_min(h), max = hist_max(h);
	double count = (double)hist_count(h);
	uint64_t seen = 0, drawn_to = 0;
	char command = 'M';

	for (unsigned i = 0; i < HIST_BUCKETS; i++) {
		uint64_t low, high, n = h->bucket[i];

		if (n == 0)
			continue;
		hist_bounds(i, &low, &high);
		low = MAX(low, min);
		high = MIN(high, max);
		/* Level across the buckets that nothing fell into. */
		if (command == 'M' || low > drawn_to)
			point(p, command, (double)low, (double)seen / count,
			      out);
		command = 'L';
		seen += n;
		point(p, command, (double)high, (double)seen / count, out);
		drawn_to = high;
	}
}

void plot_spread(double *x, size_t n, double gap, double low, double high)
{
	/* Each round halves at least what is left of an overlap. */
	for (int round = 0; round < 64; round++)
		for (size_t i = 1; i < n; i++) {
			double push = (x[i - 1] + gap - x[i]) / 2;

			x[i - 1] -= MAX(push, 0);
			x[i] += MAX(push, 0);
		}
	for (size_t i = 0; i < n; i++)
		x[i] = MAX(x[i], i > 0 ? x[i - 1] + gap : low);
	for (size_t i = n; i-- > 0;)
		x[i] = MIN(x[i], i + 1 < n ? x[i + 1] - gap : high);
}
