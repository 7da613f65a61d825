#include "app/latency.h"

#include "base/log.h"
#include "base/table.h"
#include "base/text.h"

#include <errno.h>
#include <inttypes.h>

static const struct {
	const char *key;
	double share;
} percentiles[] = {
	{ "p50_ns", 0.5 },
	{ "p90_ns", 0.9 },
	{ "p99_ns", 0.99 },
	{ "p999_ns", 0.999 },
};

bool latency_requests(const struct recorder *r)
{
	AUTO_FREE struct rec_figures *f = malloc(sizeof(*f));
	uint64_t count = 0;

	for (unsigned op = 0; f && op < REC_OPS; op++) {
		recorder_get(r, REC_REQUEST, op, f);
		count += f->count;
	}
	return count > 0;
}

static double read_seconds(const struct recorder *r, enum rec_level level,
			   struct rec_figures *f)
{
	recorder_get(r, level, REC_READ, f);
	return (double)hist_sum(&f->latency) / (double)NS_PER_SEC;
}

void latency_shares(const struct recorder *r, struct latency_shares *out)
{
	AUTO_FREE struct rec_figures *f = malloc(sizeof(*f));

	*out = (struct latency_shares){ 0 };
	if (!f)
		return;
	out->app_s = read_seconds(r, REC_APP, f);
	out->fuse_s = read_seconds(r, REC_FUSE, f);
	out->store_s = read_seconds(r, REC_STORE, f);
	out->request_s = read_seconds(r, REC_REQUEST, f);
	out->network = out->request_s;
	out->store = MAX(out->store_s - out->request_s, 0);
	out->handler = MAX(out->fuse_s - out->store_s, 0);
	out->kernel = out->app_s > 0 && out->fuse_s > 0 ?
			      MAX(out->app_s - out->fuse_s, 0) :
			      0;
	out->total_s = out->network + out->store + out->handler + out->kernel;
	out->overlapped = (out->app_s > 0 && out->fuse_s > out->app_s) ||
			  (out->fuse_s > 0 && out->store_s > out->fuse_s) ||
			  (out->store_s > 0 && out->request_s > out->store_s);
	if (out->total_s > 0) {
		out->network /= out->total_s;
		out->store /= out->total_s;
		out->handler /= out->total_s;
		out->kernel /= out->total_s;
	}
}

static void add_row(struct table *t, enum rec_level level, enum rec_op op,
		    const struct rec_figures *f)
{
	char text[TEXT_SIZE];

	table_add(t, "%s", recorder_level_name(level));
	table_add(t, "%s", recorder_op_name(op));
	table_add(t, "%s", text_count(text, f->count));
	table_add(t, "%s", text_count(text, f->errors));
	table_add(t, "%s", text_size(text, f->bytes));
	for (size_t i = 0; i < ARRAY_SIZE(percentiles); i++)
		table_add(t, "%s",
			  text_duration(text,
					hist_percentile(&f->latency,
							percentiles[i].share)));
	table_add(t, "%s", text_duration(text, hist_max(&f->latency)));
}

static int print_levels(const struct recorder *r, FILE *out)
{
	static const struct table_column columns[] = {
		{ "level", TABLE_LEFT },  { "operation", TABLE_LEFT },
		{ "count", TABLE_RIGHT }, { "errors", TABLE_RIGHT },
		{ "bytes", TABLE_RIGHT }, { "p50", TABLE_RIGHT },
		{ "p90", TABLE_RIGHT },	  { "p99", TABLE_RIGHT },
		{ "p99.9", TABLE_RIGHT }, { "max", TABLE_RIGHT },
	};
	AUTO_FREE struct rec_figures *f = malloc(sizeof(*f));
	struct table *t;
	int rc;

	if (!f)
		return -ENOMEM;
	rc = table_new(columns, ARRAY_SIZE(columns), &t);
	if (rc)
		return rc;
	for (unsigned level = 0; level < REC_LEVELS; level++)
		for (unsigned op = 0; op < REC_OPS; op++) {
			recorder_get(r, level, op, f);
			if (f->count)
				add_row(t, level, op, f);
		}
	rc = table_print(t, out);
	table_free(t);
	return rc;
}

static void print_shares(const struct recorder *r, FILE *out)
{
	struct latency_shares s;

	latency_shares(r, &s);
	if (s.total_s <= 0)
		return;
	fputs("\ntime in reads: ", out);
	if (s.app_s > 0)
		fprintf(out, "kernel and FUSE transport %.1f%%, ",
			100 * s.kernel);
	fprintf(out, "our handlers %.1f%%, %s %.1f%%", 100 * s.handler,
		s.request_s > 0 ? "store's client" : "store", 100 * s.store);
	if (s.request_s > 0)
		fprintf(out, ", network and server %.1f%%", 100 * s.network);
	fputs("\n", out);
	if (!(s.app_s > 0))
		fputs("(of what reached the mount; the kernel's part is seen "
		      "by the programs that read)\n",
		      out);
	if (s.overlapped)
		fputs("(the kernel or the mount read ahead: the levels worked "
		      "at the same time, so these shares are of work, "
		      "not of waiting)\n",
		      out);
}

/* What a store on a network had to put up with. */
static void print_counters(const struct recorder *r, FILE *out)
{
	uint64_t limit = recorder_counter(r, REC_LIMIT);
	uint64_t lowest = recorder_counter(r, REC_LIMIT_LOWEST);
	char text[3][TEXT_SIZE];

	if (!latency_requests(r))
		return;
	fprintf(out,
		"\nrequests: %s made again, %s refused as too many, %s times "
		"with new credentials",
		text_count(text[0], recorder_counter(r, REC_RETRIES)),
		text_count(text[1], recorder_counter(r, REC_THROTTLED)),
		text_count(text[2], recorder_counter(r, REC_REFRESHED)));
	if (limit) /* 0: the stores are closed */
		fprintf(out, "; at most %" PRIu64 " at a time", limit);
	if (lowest)
		fprintf(out, "; for a while, at most %" PRIu64 " at a time",
			lowest);
	fputs("\n", out);
}

void latency_print(const struct recorder *r, FILE *out)
{
	if (print_levels(r, out))
		log_error("no memory for the table of latencies");
	print_shares(r, out);
	print_counters(r, out);
}

static void json_row(struct json *j, enum rec_op op,
		     const struct rec_figures *f)
{
	json_object(j, recorder_op_name(op));
	json_uint(j, "count", f->count);
	json_uint(j, "errors", f->errors);
	json_uint(j, "bytes", f->bytes);
	json_uint(j, "sum_ns", hist_sum(&f->latency));
	json_number(j, "mean_ns", hist_mean(&f->latency));
	json_uint(j, "min_ns", hist_min(&f->latency));
	for (size_t i = 0; i < ARRAY_SIZE(percentiles); i++)
		json_uint(j, percentiles[i].key,
			  hist_percentile(&f->latency, percentiles[i].share));
	json_uint(j, "max_ns", hist_max(&f->latency));
	json_end(j);
}

static void json_levels(const struct recorder *r, struct json *j,
			struct rec_figures *f)
{
	json_object(j, "levels");
	for (unsigned level = 0; level < REC_LEVELS; level++) {
		json_object(j, recorder_level_name(level));
		for (unsigned op = 0; op < REC_OPS; op++) {
			recorder_get(r, level, op, f);
			if (f->count)
				json_row(j, op, f);
		}
		json_end(j);
	}
	json_end(j);
}

static void json_counters(const struct recorder *r, struct json *j)
{
	json_object(j, "counters");
	for (unsigned i = 0; i < REC_COUNTERS; i++)
		json_uint(j, recorder_counter_name(i), recorder_counter(r, i));
	json_end(j);
}

void latency_json(const struct recorder *r, struct json *j)
{
	AUTO_FREE struct rec_figures *f = malloc(sizeof(*f));
	struct latency_shares s;

	if (!f)
		return;
	json_levels(r, j, f);
	latency_shares(r, &s);
	json_object(j, "read_time");
	json_number(j, "app_seconds", s.app_s);
	json_number(j, "fuse_seconds", s.fuse_s);
	json_number(j, "store_seconds", s.store_s);
	json_number(j, "request_seconds", s.request_s);
	json_number(j, "kernel_share", s.kernel);
	json_number(j, "handler_share", s.handler);
	json_number(j, "store_share", s.store);
	json_number(j, "network_share", s.network);
	json_bool(j, "overlapped", s.overlapped);
	json_end(j);
	json_counters(r, j);
}

int latency_write(const struct recorder *r, FILE *out)
{
	struct json *j;
	int rc = json_new(out, 2, &j);

	if (rc)
		return rc;
	json_object(j, NULL);
	latency_json(r, j);
	json_end(j);
	return json_free(j);
}
