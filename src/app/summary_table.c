#include "app/summary_table.h"

#include "base/log.h"
#include "base/table.h"
#include "base/text.h"

static void add_epoch(struct table *t, size_t number,
		      const struct train_epoch *e)
{
	double seconds = (double)e->wall_ns / (double)NS_PER_SEC;
	char text[TEXT_SIZE];

	table_add(t, "%zu", number);
	table_add(t, "%s", text_count(text, e->steps));
	table_add(t, "%s", text_count(text, e->samples));
	table_add(t, "%s", text_duration(text, e->wall_ns));
	table_add(t, "%.1f", seconds > 0 ? (double)e->samples / seconds : 0);
	table_add(t, "%s", text_size(text, e->consumed_bytes));
	table_add(t, "%s",
		  e->delivered_known ? text_size(text, e->delivered_bytes) :
				       "?");
	table_add(t, "%s", text_duration(text, e->read_ns));
	table_add(t, "%s", text_duration(text, e->check_ns));
}

static void print_epochs(const struct train_result *r, FILE *out)
{
	static const struct table_column columns[] = {
		{ "epoch", TABLE_RIGHT },     { "steps", TABLE_RIGHT },
		{ "samples", TABLE_RIGHT },   { "time", TABLE_RIGHT },
		{ "samples/s", TABLE_RIGHT }, { "consumed", TABLE_RIGHT },
		{ "by store", TABLE_RIGHT },  { "reading", TABLE_RIGHT },
		{ "checking", TABLE_RIGHT },
	};
	struct table *t;

	if (table_new(columns, ARRAY_SIZE(columns), &t))
		return;
	for (size_t i = 0; i < r->epochs; i++)
		add_epoch(t, i + 1, &r->epoch[i]);
	if (table_print(t, out))
		log_error("no memory for the table of epochs");
	table_free(t);
}

static bool cached(const struct train_epoch *e)
{
	return e->delivered_known && e->delivered_bytes < e->consumed_bytes;
}

static void print_caching(const struct train_result *r, FILE *out)
{
	for (size_t i = 0; i < r->epochs; i++)
		if (cached(&r->epoch[i])) {
			fputs("Epochs whose bytes the store did not deliver "
			      "were served by the page cache: "
			      "not a result of the storage.\n",
			      out);
			return;
		}
}

void summary_table_print(const struct train_result *r, const struct stats *s,
			 FILE *out)
{
	struct stats_figures f;

	stats_figures(s, &f);
	if (f.epochs)
		fprintf(out, "\nAU %.2f%% (%s), %.1f samples/s, %.1f MiB/s\n\n",
			f.au_percent,
			f.met ? "as expected" : "less than expected",
			f.samples_per_second, f.mb_per_second);
	if (r->epochs && f.epochs) {
		print_epochs(r, out);
		print_caching(r, out);
	}
}
