/* The workload's reads, with nothing computed, by several ways to the same
 * bytes: natively, and through a mount under each page-cache policy.  The ways
 * take turns, so that a machine whose speed drifts treats them alike; medians
 * of the passes are compared. */
#include "app/commands.h"

#include "app/generation.h"
#include "app/latency.h"
#include "app/mounted.h"
#include "app/presence.h"
#include "app/serve.h"
#include "app/sources.h"
#include "app/stop.h"
#include "base/log.h"
#include "base/table.h"
#include "base/text.h"
#include "train/access.h"

#include <errno.h>

#define DEFAULT_REPEATS 5
#define MAX_REPEATS 1000

static const struct {
	const char *name;
	const char *cache; /* NULL: no mount */
} kinds[] = {
	{ "native", NULL },
	{ "mount, warm", "warm" },
	{ "mount, cold", "cold" },
	{ "mount, direct", "direct" },
};
#define WAYS ARRAY_SIZE(kinds)

struct way {
	struct recorder *recorder;
	struct mounted *mount;
	struct sources_one data;
	double *rates; /* samples/s of each pass */
	double median;
};

struct overhead {
	const struct cli *cli;
	struct workload workload;
	bool generated;
	size_t repeats;
	struct way way[WAYS];
};

/* ---- Making the ways ---- */

static int start_mount(struct overhead *o, struct way *w, const char *cache)
{
	const struct mounted_options options = {
		.cache = cache,
		.recorder = w->recorder,
		.mem_fd = o->workload.stores.backend.mem_fd,
		.quiet = true,
	};
	int rc = mounted_start(o->cli, &options, &w->mount);

	return rc ? rc :
		    sources_of_mount(mounted_path(w->mount), SERVE_DATA,
				     o->workload.data_uri, &w->data);
}

static int open_way(struct overhead *o, size_t i)
{
	struct way *w = &o->way[i];
	int rc;

	w->rates = calloc(o->repeats, sizeof(*w->rates));
	if (!w->rates)
		return -ENOMEM;
	rc = recorder_new(-1, &w->recorder);
	if (rc)
		return rc;
	if (kinds[i].cache)
		return start_mount(o, w, kinds[i].cache);
	o->workload.stores.recorder = w->recorder;
	return sources_native(&o->workload, o->workload.data_uri, false,
			      &w->data);
}

static void close_way(struct way *w)
{
	sources_close(&w->data);
	mounted_stop(w->mount);
	recorder_free(w->recorder);
	free(w->rates);
}

/* ---- Measuring ---- */

static int pass(struct overhead *o, struct way *w, size_t number)
{
	const struct access_setup setup = {
		.config = o->workload.config,
		.dataset = o->workload.dataset,
		.source = w->data.source,
		.recorder = w->recorder,
		.ranks = 1,
		.generated = o->generated,
		.drop = o->workload.config->dliofs.train.drop_caches,
		.stop = stop_flag(),
	};
	struct access_result r;
	int rc = access_run(&setup, &r);

	w->rates[number] = access_samples_per_second(&r);
	return rc;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values, size_t n)
{
	qsort(values, n, sizeof(*values), by_value);
	return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

static int measure(struct overhead *o)
{
	for (size_t i = 0; i < o->repeats; i++)
		for (size_t k = 0; k < WAYS; k++) {
			int rc = pass(o, &o->way[k], i);

			if (rc)
				return rc;
		}
	for (size_t k = 0; k < WAYS; k++)
		o->way[k].median = median(o->way[k].rates, o->repeats);
	return 0;
}

/* ---- Telling ---- */

static double ratio(const struct overhead *o, size_t k)
{
	return o->way[0].median > 0 ? o->way[k].median / o->way[0].median : 0;
}

static void add_percentile(struct table *t, const struct recorder *r,
			   enum rec_level level, double share)
{
	AUTO_FREE struct rec_figures *f = malloc(sizeof(*f));
	char text[TEXT_SIZE];

	if (f)
		recorder_get(r, level, REC_READ, f);
	table_add(t, "%s",
		  f && f->count ?
			  text_duration(text,
					hist_percentile(&f->latency, share)) :
			  "-");
}

static bool any_requests(const struct overhead *o)
{
	for (size_t k = 0; k < WAYS; k++)
		if (latency_requests(o->way[k].recorder))
			return true;
	return false;
}

static int print_table(const struct overhead *o)
{
	static const struct table_column columns[] = {
		{ "way", TABLE_LEFT },		{ "samples/s", TABLE_RIGHT },
		{ "of native", TABLE_RIGHT },	{ "app p50", TABLE_RIGHT },
		{ "app p99", TABLE_RIGHT },	{ "fuse p50", TABLE_RIGHT },
		{ "fuse p99", TABLE_RIGHT },	{ "store p50", TABLE_RIGHT },
		{ "store p99", TABLE_RIGHT },	{ "request p50", TABLE_RIGHT },
		{ "request p99", TABLE_RIGHT },
	};
	unsigned levels = any_requests(o) ? REC_LEVELS : REC_REQUEST;
	struct table *t;
	int rc;

	rc = table_new(columns, ARRAY_SIZE(columns) - 2 * (REC_LEVELS - levels),
		       &t);
	if (rc)
		return rc;
	for (size_t k = 0; k < WAYS; k++) {
		table_add(t, "%s", kinds[k].name);
		table_add(t, "%.1f", o->way[k].median);
		table_add(t, "%.3f", ratio(o, k));
		for (unsigned level = 0; level < levels; level++) {
			add_percentile(t, o->way[k].recorder, level, 0.5);
			add_percentile(t, o->way[k].recorder, level, 0.99);
		}
	}
	rc = table_print(t, stdout);
	table_free(t);
	if (!rc)
		printf("\nmedians of %zu passes each, taken in turn; "
		       "latencies are of single reads\n",
		       o->repeats);
	return rc;
}

static int print_json(const struct overhead *o)
{
	struct json *j;
	int rc = json_new(stdout, 2, &j);

	if (rc)
		return rc;
	json_object(j, NULL);
	json_uint(j, "repeats", o->repeats);
	json_array(j, "ways");
	for (size_t k = 0; k < WAYS; k++) {
		json_object(j, NULL);
		json_string(j, "name", kinds[k].name);
		json_number(j, "samples_per_second", o->way[k].median);
		json_number(j, "of_native", ratio(o, k));
		json_array(j, "passes");
		for (size_t i = 0; i < o->repeats; i++)
			json_number(j, NULL, o->way[k].rates[i]);
		json_end(j);
		latency_json(o->way[k].recorder, j);
		json_end(j);
	}
	json_end(j);
	json_end(j);
	return json_free(j);
}

/* ---- The command ---- */

static int run(struct overhead *o)
{
	int rc;

	o->repeats = o->cli->repeats ? o->cli->repeats : DEFAULT_REPEATS;
	if (o->repeats > MAX_REPEATS)
		return log_invalid("--repeats: at most %d", MAX_REPEATS);
	rc = workload_open(o->cli, &o->workload);
	if (!rc && o->workload.config->workflow.generate_data)
		rc = generation_run(&o->workload, o->cli, NULL);
	if (!rc)
		rc = presence_check(&o->workload, &o->generated);
	for (size_t k = 0; !rc && k < WAYS; k++)
		rc = open_way(o, k);
	if (!rc)
		rc = measure(o);
	if (!rc)
		rc = o->cli->json ? print_json(o) : print_table(o);
	for (size_t k = 0; k < WAYS; k++)
		close_way(&o->way[k]);
	workload_close(&o->workload);
	if (rc == -EINTR)
		log_error("overhead was interrupted: there are no results");
	return rc;
}

int cmd_overhead(const struct cli *cli)
{
	struct overhead o = { .cli = cli };

	stop_catch();
	return run(&o);
}
