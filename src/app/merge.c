#include "app/merge.h"

#include "base/log.h"
#include "base/table.h"
#include "base/text.h"

#include <errno.h>
#include <string.h>

/* ---- A recorder as bytes ------------------------------------------------- */

/* One operation: of its buckets, those that hold something follow. */
struct packed {
	uint32_t level, op, buckets;
	uint64_t errors, bytes, sum, max, inverted_min;
};

struct packed_bucket {
	uint64_t bucket, count;
};

static void pack_op(const struct rec_figures *f, enum rec_level level,
		    enum rec_op op, FILE *out)
{
	struct packed p = { .level = level,
			    .op = op,
			    .errors = f->errors,
			    .bytes = f->bytes,
			    .sum = f->latency.sum,
			    .max = f->latency.max,
			    .inverted_min = f->latency.inverted_min };

	for (unsigned i = 0; i < HIST_BUCKETS; i++)
		p.buckets += f->latency.bucket[i] != 0;
	fwrite(&p, sizeof(p), 1, out);
	for (unsigned i = 0; i < HIST_BUCKETS; i++) {
		struct packed_bucket b = { i, f->latency.bucket[i] };

		if (b.count)
			fwrite(&b, sizeof(b), 1, out);
	}
}

static void pack_counters(const struct recorder *r, FILE *out)
{
	for (unsigned i = 0; i < REC_COUNTERS; i++) {
		uint64_t value = r ? recorder_counter(r, i) : 0;

		fwrite(&value, sizeof(value), 1, out);
	}
}

int merge_pack(const struct recorder *r, const struct merge_line *line,
	       char **out, size_t *len)
{
	AUTO_FREE struct rec_figures *f = malloc(sizeof(*f));
	FILE *stream = open_memstream(out, len);

	if (!stream)
		return -ENOMEM;
	fwrite(line, sizeof(*line), 1, stream);
	pack_counters(r, stream);
	for (unsigned level = 0; r && f && level < REC_LEVELS; level++)
		for (unsigned op = 0; op < REC_OPS; op++) {
			recorder_get(r, level, op, f);
			if (f->count)
				pack_op(f, level, op, stream);
		}
	if (fclose(stream) || !f) {
		free(TAKE(*out));
		return -ENOMEM;
	}
	return 0;
}

struct bytes {
	const char *at;
	size_t left;
};

static bool take(struct bytes *b, void *out, size_t len)
{
	if (b->left < len)
		return false;
	memcpy(out, b->at, len);
	b->at += len;
	b->left -= len;
	return true;
}

static bool unpack_op(struct bytes *b, struct packed *p, struct rec_figures *f)
{
	struct packed_bucket bucket;

	memset(f, 0, sizeof(*f));
	if (!take(b, p, sizeof(*p)) || p->level >= REC_LEVELS ||
	    p->op >= REC_OPS)
		return false;
	f->errors = p->errors;
	f->bytes = p->bytes;
	f->latency.sum = p->sum;
	f->latency.max = p->max;
	f->latency.inverted_min = p->inverted_min;
	for (uint32_t i = 0; i < p->buckets; i++) {
		if (!take(b, &bucket, sizeof(bucket)) ||
		    bucket.bucket >= HIST_BUCKETS)
			return false;
		f->latency.bucket[bucket.bucket] = bucket.count;
	}
	return true;
}

static bool unpack_counters(struct bytes *b, struct recorder *r)
{
	uint64_t value;

	for (unsigned i = 0; i < REC_COUNTERS; i++) {
		if (!take(b, &value, sizeof(value)))
			return false;
		if (i != REC_LIMIT_LOWEST)
			recorder_count(r, i, (int64_t)value);
		else if (value)
			recorder_lowest(r, i, value);
	}
	return true;
}

int merge_unpack(struct recorder *r, const void *data, size_t len,
		 struct merge_line *line)
{
	AUTO_FREE struct rec_figures *f = malloc(sizeof(*f));
	struct bytes b = { data, len };
	struct packed p;

	if (!f)
		return -ENOMEM;
	if (!take(&b, line, sizeof(*line)) || !unpack_counters(&b, r))
		return -EBADMSG;
	while (b.left) {
		if (!unpack_op(&b, &p, f) || !r)
			return -EBADMSG;
		recorder_put(r, p.level, p.op, f);
	}
	return 0;
}

/* ---- All ranks ----------------------------------------------------------- */

static int describe(const struct ranks *ranks, const struct recorder *r,
		    const struct train_result *result, struct merge_line *out)
{
	AUTO_FREE struct rec_figures *f = malloc(sizeof(*f));

	if (!f)
		return -ENOMEM;
	*out = (struct merge_line){ 0 };
	memcpy(out->host, ranks->host, sizeof(out->host));
	for (size_t i = 0; i < result->epochs; i++) {
		out->samples += result->epoch[i].samples;
		out->bytes += result->epoch[i].consumed_bytes;
	}
	if (!r)
		return 0;
	recorder_get(r, REC_APP, REC_READ, f);
	out->read_p99_ns = hist_percentile(&f->latency, 0.99);
	recorder_get(r, REC_APP, REC_BARRIER, f);
	out->barriers = f->count;
	out->barrier_p50_ns = hist_percentile(&f->latency, 0.5);
	out->barrier_max_ns = hist_max(&f->latency);
	out->waited_ns = hist_sum(&f->latency);
	return 0;
}

struct merging {
	struct recorder *recorder;
	struct merge_line *line;
};

/* Rank 0 has its own already. */
static int take_rank(void *arg, unsigned rank, const void *data, size_t len)
{
	struct merging *m = arg;

	if (rank)
		return merge_unpack(m->recorder, data, len, &m->line[rank]);
	memcpy(&m->line[0], data, sizeof(m->line[0]));
	return 0;
}

int merge_recorders(struct ranks *ranks, struct recorder *r,
		    const struct train_result *result, struct merge_line **line)
{
	AUTO_FREE struct merge_line *all = calloc(ranks->size, sizeof(*all));
	AUTO_FREE char *mine = NULL;
	struct merging m = { r, all };
	struct merge_line own;
	size_t len = 0;
	int rc = all ? describe(ranks, r, result, &own) : -ENOMEM;

	if (!rc)
		rc = merge_pack(r, &own, &mine, &len);
	rc = ranks_agree(ranks, rc);
	if (!rc)
		rc = ranks_gather(ranks, mine, len, take_rank, &m);
	if (rc)
		return rc == -ECANCELED ?
			       rc :
			       log_fail(rc,
					"bring the ranks' figures together");
	*line = TAKE(all);
	return 0;
}

enum { SAMPLES, CONSUMED, DELIVERED, KNOWN, READ, CHECK, VALUES };

static void to_values(const struct train_epoch *e, double *v)
{
	v[SAMPLES] = (double)e->samples;
	v[CONSUMED] = (double)e->consumed_bytes;
	v[DELIVERED] = (double)e->delivered_bytes;
	v[KNOWN] = e->delivered_known;
	v[READ] = (double)e->read_ns;
	v[CHECK] = (double)e->check_ns;
}

static void from_values(const double *v, struct train_epoch *e)
{
	e->samples = (uint64_t)v[SAMPLES];
	e->consumed_bytes = (uint64_t)v[CONSUMED];
	e->delivered_bytes = (uint64_t)v[DELIVERED];
	e->delivered_known = v[KNOWN] > 0;
	e->read_ns = (uint64_t)v[READ];
	e->check_ns = (uint64_t)v[CHECK];
}

int merge_result(struct ranks *ranks, struct train_result *result)
{
	size_t n = result->epochs;
	AUTO_FREE double *v = calloc(n + 1, VALUES * sizeof(*v));
	double *bytes;
	int rc = ranks_agree(ranks, v ? 0 : -ENOMEM);

	if (rc || !v)
		return rc;
	bytes = v + n * VALUES;
	bytes[0] = (double)result->saved_bytes;
	bytes[1] = (double)result->loaded_bytes;
	for (size_t i = 0; i < n; i++)
		to_values(&result->epoch[i], v + i * VALUES);
	rc = ranks_sum(ranks, v, (n + 1) * VALUES);
	if (rc)
		return rc;
	result->saved_bytes = (uint64_t)bytes[0];
	result->loaded_bytes = (uint64_t)bytes[1];
	for (size_t i = 0; i < n; i++)
		from_values(v + i * VALUES, &result->epoch[i]);
	return 0;
}

/* ---- For people ---------------------------------------------------------- */

/* More are not read. */
#define PRINT_AT_MOST 64

static void add_line(struct table *t, unsigned rank, const struct merge_line *l)
{
	char text[TEXT_SIZE];

	table_add(t, "%u", rank);
	table_add(t, "%s", l->host);
	table_add(t, "%s", text_count(text, l->samples));
	table_add(t, "%s", text_size(text, l->bytes));
	table_add(t, "%s", text_duration(text, l->read_p99_ns));
	table_add(t, "%s", text_count(text, l->barriers));
	table_add(t, "%s", text_duration(text, l->barrier_p50_ns));
	table_add(t, "%s", text_duration(text, l->barrier_max_ns));
	table_add(t, "%s", text_duration(text, l->waited_ns));
}

void merge_print(const struct merge_line *line, unsigned ranks, FILE *out)
{
	static const struct table_column columns[] = {
		{ "rank", TABLE_RIGHT },      { "host", TABLE_LEFT },
		{ "samples", TABLE_RIGHT },   { "consumed", TABLE_RIGHT },
		{ "read p99", TABLE_RIGHT },  { "barriers", TABLE_RIGHT },
		{ "their p50", TABLE_RIGHT }, { "max", TABLE_RIGHT },
		{ "waited", TABLE_RIGHT },
	};
	struct table *t;

	if (table_new(columns, ARRAY_SIZE(columns), &t))
		return;
	for (unsigned i = 0; i < MIN(ranks, PRINT_AT_MOST); i++)
		add_line(t, i, &line[i]);
	if (table_print(t, out))
		log_error("no memory for the table of ranks");
	table_free(t);
}
