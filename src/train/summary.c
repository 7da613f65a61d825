#include "train/summary.h"

#include "config/config.h"

#include <errno.h>

static int add_up(const struct stats_setup *setup, double *values, size_t n)
{
	if (!setup->sum || setup->size <= 1 || !n)
		return 0;
	return setup->sum(setup->sum_arg, values, n);
}

/* ---- Hosts --------------------------------------------------------------- */

int summary_ask_hosts(struct summary *s, const struct stats_setup *setup,
		      const struct ledger *l)
{
	size_t n = MAX(setup->nodes, 1);
	AUTO_FREE double *values = calloc(2 * n, sizeof(*values));
	int rc;

	s->host = calloc(n, sizeof(*s->host));
	if (!values || !s->host)
		return -ENOMEM;
	s->hosts = n;

	/* The first rank of each host speaks for it. */
	if (setup->node_rank == 0) {
		values[2 * setup->node] = l->memory_gb;
		values[2 * setup->node + 1] = l->cpus;
	}
	rc = add_up(setup, values, 2 * n);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < n; i++) {
		s->host[i].memory_gb = values[2 * i];
		s->host[i].cpus = (unsigned)values[2 * i + 1];
		s->host[i].caching = s->host[i].memory_gb > l->host_data_gb;
	}
	return 0;
}

/* ---- How much every rank has --------------------------------------------- */

/* Values that are whole on each rank; what is summed is the least of them. */
struct counts {
	size_t epochs, trained, evals, transfers;
};

static bool is_transfer(const struct ledger_phase *p)
{
	return p->kind == LEDGER_SAVE || p->kind == LEDGER_LOAD;
}

static struct counts count(const struct ledger *l)
{
	struct counts c = { .epochs = l->epochs };

	for (size_t e = 0; e < l->epochs; e++) {
		const struct ledger_epoch *epoch = &l->epoch[e];

		c.trained += epoch->trained && epoch->train_end.ns;
		for (size_t i = 0; i < epoch->phases; i++) {
			const struct ledger_phase *p = &epoch->phase[i];

			c.evals += p->kind == LEDGER_EVAL && p->end.ns;
			c.transfers += is_transfer(p) && p->end.ns;
		}
	}
	return c;
}

static size_t least(const double *values, size_t n)
{
	double min = values[0];

	for (size_t i = 1; i < n; i++)
		min = MIN(min, values[4 * i]);
	return (size_t)min;
}

/* A rank that failed has less; the lengths of what is summed must agree. */
static int agree(const struct stats_setup *setup, struct counts *c)
{
	size_t ranks = MAX(setup->size, 1);
	AUTO_FREE double *all = calloc(4 * ranks, sizeof(*all));
	double *mine;
	int rc;

	if (!all)
		return -ENOMEM;
	mine = all + 4 * (size_t)setup->rank;
	mine[0] = (double)c->epochs;
	mine[1] = (double)c->trained;
	mine[2] = (double)c->evals;
	mine[3] = (double)c->transfers;
	rc = add_up(setup, all, 4 * ranks);
	if (rc < 0)
		return rc;
	c->epochs = least(all, ranks);
	c->trained = least(all + 1, ranks);
	c->evals = least(all + 2, ranks);
	c->transfers = least(all + 3, ranks);
	return 0;
}

/* ---- Training and evaluation --------------------------------------------- */

static int series_new(struct summary_series *s, size_t n)
{
	s->value = calloc(MAX(n, 1), sizeof(*s->value));
	s->n = s->value ? n : 0;
	return s->value ? 0 : -ENOMEM;
}

/* From this rank's values to the figures of all. */
static int part_finish(struct summary_part *p, const struct stats_setup *setup)
{
	double bytes = setup->sample_bytes;
	int rc = add_up(setup, p->au.value, p->au.n);

	if (rc == 0)
		rc = add_up(setup, p->throughput.value, p->throughput.n);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < p->au.n; i++)
		p->au.value[i] /= MAX(setup->size, 1);
	p->au.spread = metrics_spread(p->au.value, p->au.n);
	p->throughput.spread =
		metrics_spread(p->throughput.value, p->throughput.n);
	p->mb_per_second = (struct metrics_spread){
		metrics_mb_per_second(p->throughput.spread.mean, bytes),
		metrics_mb_per_second(p->throughput.spread.stdev, bytes),
	};
	p->met = metrics_au_met(p->au.spread.mean, setup->config->metric.au);
	return 0;
}

static int part_new(struct summary_part *p, size_t n)
{
	int rc = series_new(&p->au, n);

	return rc < 0 ? rc : series_new(&p->throughput, n);
}

static int make_train(struct summary_part *p, const struct stats_setup *setup,
		      const struct ledger *l, size_t n)
{
	int rc = part_new(p, n);
	size_t k = 0;

	if (rc < 0)
		return rc;
	for (size_t e = 0; e < l->epochs && k < n; e++) {
		const struct ledger_epoch *epoch = &l->epoch[e];

		if (!epoch->trained || !epoch->train_end.ns)
			continue;
		p->au.value[k] = epoch->au;
		p->throughput.value[k++] = epoch->throughput;
	}
	return part_finish(p, setup);
}

static int make_eval(struct summary_part *p, const struct stats_setup *setup,
		     const struct ledger *l, size_t n)
{
	bool strict = setup->config->dliofs.train.compat_strict;
	size_t k = 0, end, at;
	int rc;

	/* DLIO joins the ranks' lists where it means to add them. */
	rc = part_new(p, strict ? n * MAX(setup->size, 1) : n);
	if (rc < 0)
		return rc;
	at = strict ? setup->rank * n : 0;
	for (size_t e = 0; e < l->epochs; e++) {
		const struct ledger_epoch *epoch = &l->epoch[e];

		for (end = 0; end < epoch->phases && k < n; end++) {
			const struct ledger_phase *phase = &epoch->phase[end];

			if (phase->kind != LEDGER_EVAL || !phase->end.ns)
				continue;
			p->au.value[at + k] = phase->au;
			p->throughput.value[at + k++] = phase->throughput;
		}
	}
	return part_finish(p, setup);
}

/* ---- Checkpoints --------------------------------------------------------- */

/* A save or load that this rank finished. */
struct own {
	const struct ledger_phase *phase;
	unsigned epoch;
};

/* The first n of them, in order; how many there are of those. */
static size_t list_own(const struct ledger *l, struct own *out, size_t n)
{
	size_t k = 0;

	for (size_t e = 0; e < l->epochs; e++) {
		const struct ledger_epoch *epoch = &l->epoch[e];

		for (size_t i = 0; i < epoch->phases && k < n; i++) {
			const struct ledger_phase *p = &epoch->phase[i];

			if (is_transfer(p) && p->end.ns)
				out[k++] = (struct own){ p, (unsigned)e + 1 };
		}
	}
	return k;
}

static double own_seconds(const struct own *o)
{
	return (double)ledger_duration(&o->phase->start, &o->phase->end) /
	       NS_PER_SEC;
}

/* DLIO's mean and stdev: this rank's, which on rank 0 are those reported. */
static int own_figures(struct summary_checkpoints *c, enum ledger_kind kind,
		       const struct own *own, size_t n)
{
	AUTO_FREE double *seconds = calloc(MAX(n, 1), sizeof(*seconds));
	AUTO_FREE double *rate = calloc(MAX(n, 1), sizeof(*rate));

	if (!seconds || !rate)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		if (own[i].phase->kind != kind)
			continue;
		seconds[c->n] = own_seconds(&own[i]);
		rate[c->n++] = own[i].phase->gb_per_second;
	}
	c->seconds = metrics_spread(seconds, c->n);
	c->gb_per_second = metrics_spread(rate, c->n);
	return 0;
}

/* n rows of one duration per rank, and one sum of bytes. */
static int over_ranks(struct summary *s, const struct stats_setup *setup,
		      const struct own *own, size_t n)
{
	size_t ranks = MAX(setup->size, 1), width = ranks + 1;
	AUTO_FREE double *rows = calloc(MAX(n, 1), width * sizeof(*rows));
	int rc;

	if (!rows)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		rows[i * width + setup->rank] = own_seconds(&own[i]);
		rows[i * width + ranks] = (double)own[i].phase->moved_bytes;
	}
	rc = add_up(setup, rows, n * width);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < n; i++) {
		struct summary_transfer *t = &s->transfer[i];

		t->kind = own[i].phase->kind;
		t->number = own[i].phase->number;
		t->epoch = own[i].epoch;
		for (size_t r = 0; r < ranks; r++)
			t->slowest_seconds =
				MAX(t->slowest_seconds, rows[i * width + r]);
		t->moved_bytes = rows[i * width + ranks];
	}
	return 0;
}

static int make_checkpoints(struct summary *s, const struct stats_setup *setup,
			    const struct ledger *l, size_t n)
{
	AUTO_FREE struct own *own = calloc(MAX(n, 1), sizeof(*own));
	int rc;

	s->transfer = calloc(MAX(n, 1), sizeof(*s->transfer));
	if (!s->transfer || !own)
		return -ENOMEM;
	n = list_own(l, own, n);
	s->transfers = n;
	s->checkpoint_gb = metrics_gb((double)setup->checkpoint_bytes);
	rc = own_figures(&s->save, LEDGER_SAVE, own, n);
	if (rc == 0)
		rc = own_figures(&s->load, LEDGER_LOAD, own, n);
	return rc < 0 ? rc : over_ranks(s, setup, own, n);
}

/* ---- Bytes --------------------------------------------------------------- */

enum {
	IO_SAMPLES,
	IO_CONSUMED,
	IO_DELIVERED,
	IO_KNOWN,
	IO_READ,
	IO_CHECK,
	IO_VALUES
};

static int make_io(struct summary *s, const struct stats_setup *setup,
		   const struct ledger *l, size_t n)
{
	AUTO_FREE double *v = calloc(MAX(n, 1), IO_VALUES * sizeof(*v));
	int rc;

	s->io = calloc(MAX(n, 1), sizeof(*s->io));
	if (!v || !s->io)
		return -ENOMEM;
	s->epochs = n;
	for (size_t e = 0; e < n; e++) {
		const struct stats_io *io = &l->epoch[e].io;
		double *row = v + e * IO_VALUES;

		row[IO_SAMPLES] = (double)io->samples;
		row[IO_CONSUMED] = (double)io->consumed_bytes;
		row[IO_DELIVERED] = (double)io->delivered_bytes;
		row[IO_KNOWN] = io->delivered_known;
		row[IO_READ] = (double)io->read_ns / NS_PER_SEC;
		row[IO_CHECK] = (double)io->check_ns / NS_PER_SEC;
	}
	rc = add_up(setup, v, n * IO_VALUES);
	if (rc < 0)
		return rc;
	for (size_t e = 0; e < n; e++) {
		const double *row = v + e * IO_VALUES;

		s->io[e] = (struct summary_io){
			.samples = row[IO_SAMPLES],
			.consumed_bytes = row[IO_CONSUMED],
			.delivered_bytes = row[IO_DELIVERED],
			.delivered_known = row[IO_KNOWN] > 0,
			.read_seconds = row[IO_READ],
			.check_seconds = row[IO_CHECK],
			.seconds = (double)ledger_duration(&l->epoch[e].start,
							   &l->epoch[e].end) /
				   NS_PER_SEC,
		};
	}
	return 0;
}

/* ---- All of it ----------------------------------------------------------- */

int summary_make(struct summary *s, const struct stats_setup *setup,
		 const struct ledger *l)
{
	struct counts c = count(l);
	int rc = agree(setup, &c);

	if (rc < 0)
		return rc;
	s->trained = c.trained;
	rc = make_train(&s->train, setup, l, c.trained);
	if (rc == 0)
		rc = make_eval(&s->eval, setup, l, c.evals);
	if (rc == 0)
		rc = make_checkpoints(s, setup, l, c.transfers);
	return rc < 0 ? rc : make_io(s, setup, l, c.epochs);
}

static void part_clear(struct summary_part *p)
{
	free(p->au.value);
	free(p->throughput.value);
}

void summary_clear(struct summary *s)
{
	free(s->host);
	part_clear(&s->train);
	part_clear(&s->eval);
	free(s->transfer);
	free(s->io);
	*s = (struct summary){ 0 };
}
