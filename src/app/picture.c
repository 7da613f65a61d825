#include "app/picture.h"

#include "app/plot.h"
#include "app/svg.h"
#include "base/text.h"

#include <errno.h>
#include <math.h>

#define WIDTH 900
#define LEFT 40.0
#define RIGHT 860.0
#define PLOT_LEFT 92
#define PLOT_RIGHT 814
#define PLOT_HEIGHT 300
#define LABEL_WIDTH 60.0

#define AXIS "#5A6570"
#define GRID "#DDE2E6"

/* A layer has one colour wherever it appears: its part of the bar, and the
 * curve that was measured on top of it.  Sky blue and vermilion are of Okabe
 * and Ito's palette for the colour-blind ("Color Universal Design", 2008), the
 * green is theirs darkened, the violet ours: in print without colours, each is
 * darker than the one above. */
static const struct layer {
	const char *colour, *part, *timed;
	double stroke; /* so that of two curves in one place both are seen */
} layers[REC_LEVELS] = {
	[REC_APP] = { "#56B4E9", "kernel and FUSE", "system call", 8 },
	[REC_FUSE] = { "#D55E00", "dliofs handlers", "handler", 5.5 },
	[REC_STORE] = { "#00654B", "store", "store call", 3 },
	[REC_REQUEST] = { "#2B1A4A", "network and server", "HTTP request",
			  1.2 },
};

#define GREY " fill='#5A6570'"
#define BOLD " font-weight='bold'"
#define TO_THE_RIGHT " text-anchor='end'"
#define CENTRED " text-anchor='middle'"

static const struct svg_style title = { "font-size='22'" BOLD, 55 };
static const struct svg_style subtitle = { "font-size='14'" GREY, 108 };
static const struct svg_style heading = { "font-size='15'" BOLD, 50 };
static const struct svg_style figure = { "font-size='18'" BOLD, 10 };
static const struct svg_style label = { "font-size='13'" BOLD CENTRED, 10 };
static const struct svg_style name = { "font-size='13'" BOLD, 10 };
static const struct svg_style value = { "font-size='13'" TO_THE_RIGHT, 15 };
static const struct svg_style note = { "font-size='12'" GREY, 110 };
static const struct svg_style note_right = { "font-size='12'" GREY TO_THE_RIGHT,
					     60 };
static const struct svg_style note_centred = { "font-size='12'" GREY CENTRED,
					       60 };

/* What the axis and the table name. */
static const struct {
	const char *share, *name;
	double q;
} marks[] = {
	{ "0 %", "min", 0 },	      { "50 %", "p50", 0.5 },
	{ "90 %", "p90", 0.9 },	      { "99 %", "p99", 0.99 },
	{ "99.9 %", "p99.9", 0.999 }, { "100 %", "max", 1 },
};

struct curve {
	enum rec_level level;
	struct rec_figures read;
	double end, label_x;
};

struct drawing {
	const struct picture *picture;
	FILE *out;
	double y; /* what is above is taken */
	size_t n;
	struct curve curve[REC_LEVELS]; /* of the levels that saw reads */
};

/* ---- Shares -------------------------------------------------------------- */

static const char *percent(char out[TEXT_SIZE], double share)
{
	if (share > 0 && share < 0.0005)
		return "< 0.1 %";
	snprintf(out, TEXT_SIZE, "%.1f %%", 100 * share);
	return out;
}

/* What a store on a network takes without the network is its client's. */
static const char *part_name(const struct drawing *d, enum rec_level level)
{
	bool remote = d->curve[d->n - 1].level == REC_REQUEST;

	return remote && level == REC_STORE ? "store's client" :
					      layers[level].part;
}

/* A square of the colour, how much, and of what. */
static void draw_share(const struct drawing *d, double x, enum rec_level level,
		       double share)
{
	uint64_t ns = (uint64_t)(share * (double)d->picture->shares.total_ns);
	const char *what = part_name(d, level);
	char number[TEXT_SIZE], time[TEXT_SIZE], line[64];

	svg_rectangle(d->out, x, d->y + 54, 13, 13, layers[level].colour);
	svg_text(d->out, x + 21, d->y + 67, &figure, percent(number, share));
	snprintf(line, sizeof(line), "%s, %s", what, text_duration(time, ns));
	svg_text(d->out, x + 21, d->y + 86, &note, ns > 0 ? line : what);
}

static void draw_shares(struct drawing *d)
{
	const struct picture_shares *s = &d->picture->shares;
	const double part[REC_LEVELS] = { [REC_APP] = s->kernel,
					  [REC_FUSE] = s->handler,
					  [REC_STORE] = s->store,
					  [REC_REQUEST] = s->network };
	double column = (RIGHT - LEFT) / (double)MAX(d->n, (size_t)3);
	double sum = 0, x = LEFT;

	for (size_t i = 0; i < d->n; i++)
		sum += part[d->curve[i].level];
	if (d->n < 2 || sum <= 0)
		return;
	svg_text(d->out, LEFT, d->y, &heading, "Where the time of reads went");
	svg_text(d->out, RIGHT, d->y, &note_right,
		 "summed over all reads of all threads");
	for (size_t i = 0; i < d->n; i++) {
		enum rec_level level = d->curve[i].level;
		double width = (RIGHT - LEFT) * part[level] / sum;

		svg_rectangle(d->out, x, d->y + 14, width, 26,
			      layers[level].colour);
		draw_share(d, LEFT + column * (double)i, level,
			   part[level] / sum);
		x += width;
	}
	d->y += 86;
	if (s->overlapped)
		svg_text(d->out, LEFT, d->y += 24, &note,
			 "Overlapped: somebody read ahead or from a cache, "
			 "so the levels did not see the same reads.");
	d->y += 44;
}

/* ---- Latencies ----------------------------------------------------------- */

/* "10 us": of a round number, text_duration() would say 10.0. */
static const char *decade(char out[TEXT_SIZE], unsigned power)
{
	static const char *const units[] = { "ns", "us", "ms", "s" };
	unsigned unit = MIN(power / 3, ARRAY_SIZE(units) - 1);

	snprintf(out, TEXT_SIZE, "1%.*s %s", (int)(power - 3 * unit), "0000",
		 units[unit]);
	return out;
}

static void draw_axes(const struct drawing *d, const struct plot *p)
{
	char text[TEXT_SIZE];

	for (unsigned i = p->first; i <= p->last; i++) {
		double ns = pow(10, i), x = plot_x(p, ns);

		svg_line(d->out, x, p->top, x, p->bottom, GRID);
		svg_text(d->out, x, p->bottom + 20, &note_centred,
			 decade(text, i));
		for (int j = 2; i < p->last && j < 10; j++) {
			x = plot_x(p, j * ns);
			svg_line(d->out, x, p->bottom, x, p->bottom + 4, AXIS);
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(marks); i++) {
		double y = plot_y(p, marks[i].q);

		svg_line(d->out, p->left, y, p->right, y, i > 0 ? GRID : AXIS);
		svg_text(d->out, p->left - 10, y + 4, &note_right,
			 marks[i].share);
		svg_text(d->out, p->right + 10, y + 4, &note, marks[i].name);
	}
}

/* Labels stand above the ends of the curves, in the order of these; of curves
 * that end together, the upper level's comes later. */
static void place_labels(struct drawing *d, const struct plot *p)
{
	struct curve *sorted[REC_LEVELS];
	double x[REC_LEVELS];

	for (size_t i = 0; i < d->n; i++) {
		struct curve *c = &d->curve[i];
		size_t at = i;

		c->end = plot_x(p, (double)hist_max(&c->read.latency));
		for (; at > 0 && sorted[at - 1]->end >= c->end; at--)
			sorted[at] = sorted[at - 1];
		sorted[at] = c;
	}
	for (size_t i = 0; i < d->n; i++)
		x[i] = sorted[i]->end;
	plot_spread(x, d->n, LABEL_WIDTH, p->left + LABEL_WIDTH / 2,
		    p->right - LABEL_WIDTH / 2);
	for (size_t i = 0; i < d->n; i++)
		sorted[i]->label_x = x[i];
}

static void draw_curve(const struct drawing *d, const struct plot *p,
		       const struct curve *c)
{
	const struct layer *layer = &layers[c->level];

	svg_line(d->out, c->label_x, p->top - 13, c->end, p->top,
		 layer->colour);
	svg_text(d->out, c->label_x, p->top - 18, &label,
		 recorder_level_name(c->level));
	fprintf(d->out,
		"<path fill='none' stroke='%s' stroke-width='%g' "
		"stroke-linejoin='round' d='",
		layer->colour, layer->stroke);
	plot_path(p, &c->read.latency, d->out);
	fputs("'/>\n", d->out);
}

static void draw_plot(struct drawing *d)
{
	struct plot p = { .left = PLOT_LEFT,
			  .right = PLOT_RIGHT,
			  .top = d->y + 50,
			  .bottom = d->y + 50 + PLOT_HEIGHT };
	uint64_t min = UINT64_MAX, max = 0;

	for (size_t i = 0; i < d->n; i++) {
		min = MIN(min, hist_min(&d->curve[i].read.latency));
		max = MAX(max, hist_max(&d->curve[i].read.latency));
	}
	plot_fit(&p, min, max);
	svg_text(d->out, LEFT, d->y, &heading, "How long reads took");
	svg_text(d->out, RIGHT, d->y, &note_right,
		 "share of reads that took no longer; the tail is stretched");
	draw_axes(d, &p);
	place_labels(d, &p);
	for (size_t i = 0; i < d->n; i++)
		draw_curve(d, &p, &d->curve[i]);
	d->y = p.bottom + 20;
}

/* ---- The table: the legend of the curves, and their values ---------------- */

#define READS_RIGHT 392.0
#define MARK_WIDTH 78.0

static double mark_right(size_t i)
{
	return READS_RIGHT + MARK_WIDTH * (double)(i + 1);
}

static void draw_titles(struct drawing *d)
{
	d->y += 38;
	svg_text(d->out, READS_RIGHT, d->y, &note_right, "reads");
	for (size_t i = 0; i < ARRAY_SIZE(marks); i++)
		svg_text(d->out, mark_right(i), d->y, &note_right,
			 marks[i].name);
	d->y += 9;
	svg_line(d->out, LEFT, d->y, RIGHT, d->y, GRID);
}

static void draw_row(struct drawing *d, const struct curve *c)
{
	const struct layer *layer = &layers[c->level];
	const struct rec_figures *read = &c->read;
	char text[TEXT_SIZE], line[64];

	d->y += 22;
	svg_rectangle(d->out, LEFT, d->y - 4.5 - layer->stroke / 2, 20,
		      layer->stroke, layer->colour);
	svg_text(d->out, LEFT + 30, d->y, &name, recorder_level_name(c->level));
	snprintf(line, sizeof(line), "%s, %s failed", layer->timed,
		 text_count(text, read->errors));
	svg_text(d->out, LEFT + 100, d->y, &note,
		 read->errors > 0 ? line : layer->timed);
	svg_text(d->out, READS_RIGHT, d->y, &value,
		 text_count(text, read->count));
	for (size_t i = 0; i < ARRAY_SIZE(marks); i++) {
		text_duration(text,
			      hist_percentile(&read->latency, marks[i].q));
		svg_text(d->out, mark_right(i), d->y, &value, text);
	}
}

/* What servers did not like, if there was anything. */
static void draw_counters(struct drawing *d)
{
	const struct recorder *r = d->picture->recorder;
	uint64_t retries = recorder_counter(r, REC_RETRIES);
	uint64_t throttled = recorder_counter(r, REC_THROTTLED);
	char text[2][TEXT_SIZE], line[128];

	if (retries + throttled == 0)
		return;
	snprintf(line, sizeof(line),
		 "%s requests were made again; %s were refused as too many.",
		 text_count(text[0], retries), text_count(text[1], throttled));
	svg_text(d->out, LEFT, d->y += 30, &note, line);
}

/* ---- The whole ----------------------------------------------------------- */

static void find_curves(struct drawing *d)
{
	const struct recorder *r = d->picture->recorder;

	for (enum rec_level i = 0; r && i < REC_LEVELS; i++) {
		struct curve *c = &d->curve[d->n];

		c->level = i;
		recorder_get(r, i, REC_READ, &c->read);
		d->n += c->read.count > 0;
	}
}

static void draw(struct drawing *d)
{
	const struct picture *p = d->picture;

	svg_text(d->out, LEFT, 48, &title, p->title ? p->title : "");
	svg_text(d->out, LEFT, 74, &subtitle, p->subtitle ? p->subtitle : "");
	d->y = 120;
	find_curves(d);
	if (d->n == 0) {
		svg_text(d->out, LEFT, d->y, &heading,
			 "No reads were recorded.");
		return;
	}
	draw_shares(d);
	draw_plot(d);
	draw_titles(d);
	for (size_t i = 0; i < d->n; i++)
		draw_row(d, &d->curve[i]);
	draw_counters(d);
}

/* How high it is, is known when it has been drawn. */
int picture_write(const struct picture *p, FILE *out)
{
	AUTO_FREE char *body = NULL;
	struct drawing d = { .picture = p };
	size_t length;

	d.out = open_memstream(&body, &length);
	if (!d.out)
		return -errno;
	draw(&d);
	if (fclose(d.out))
		return -ENOMEM;
	svg_begin(out, WIDTH, d.y + 30);
	fputs(body, out);
	svg_end(out);
	if (fflush(out))
		return -errno;
	return ferror(out) ? -EIO : 0;
}
