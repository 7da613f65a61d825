#include "train/stats.h"

#include "base/log.h"
#include "config/config.h"
#include "train/dlog.h"
#include "train/ledger.h"
#include "train/narrate.h"
#include "train/output.h"
#include "train/summary.h"

#include <errno.h>
#include <string.h>

struct stats {
	struct stats_setup setup;
	char *folder;
	struct ledger ledger;
	struct summary summary;
	unsigned blocks;      /* begun in this epoch */
	uint64_t train_steps; /* taken in this epoch */
	int failed;	      /* the first error of an event */
};

/* ---- Helpers ------------------------------------------------------------- */

/* Where the lines of rank 0 go; NULL on other ranks. */
static struct dlog *front(const struct stats *s)
{
	return s->setup.rank == 0 ? s->setup.log : NULL;
}

static void keep(struct stats *s, int rc)
{
	if (rc < 0 && !s->failed)
		s->failed = rc;
}

/* The event that comes next, or NULL if it cannot: an earlier one failed, or
 * the caller is out of step. */
static struct ledger_epoch *this_epoch(struct stats *s)
{
	struct ledger_epoch *e = ledger_epoch(&s->ledger);

	if (s->failed)
		return NULL;
	if (!e || e->end.ns) {
		keep(s, log_fail(-EPROTO, "statistics: no epoch is open"));
		return NULL;
	}
	return e;
}

static struct ledger_phase *this_phase(struct stats *s, unsigned kinds)
{
	struct ledger_epoch *e = this_epoch(s);
	struct ledger_phase *p = e ? ledger_phase(&s->ledger) : NULL;

	if (!e)
		return NULL;
	if (!p || p->end.ns || !(kinds & 1u << p->kind)) {
		keep(s, log_fail(-EPROTO, "statistics: an event of a part of "
					  "the epoch that is not open"));
		return NULL;
	}
	return p;
}

/* A new part of the epoch; NULL if it could not be. */
static struct ledger_phase *next_phase(struct stats *s, enum ledger_kind kind,
				       unsigned number, uint64_t now_ns)
{
	struct ledger_epoch *e = this_epoch(s);

	if (!e)
		return NULL;
	keep(s, ledger_add_phase(e, kind, number, now_ns));
	return s->failed ? NULL : ledger_phase(&s->ledger);
}

static struct metrics_window window(const struct stats *s, uint64_t expected)
{
	return (struct metrics_window){
		.expected = expected,
		.exclude_start =
			s->setup.config->output.metric.exclude_start_steps,
		.exclude_end = s->setup.config->output.metric.exclude_end_steps,
	};
}

static struct metrics_block block_of(const struct ledger_phase *p)
{
	return (struct metrics_block){
		.compute_ns = p->compute_ns,
		.proc_ns = p->proc_ns,
		.n = p->steps,
		.wall_ns = ledger_duration(&p->start, &p->end),
	};
}

/* ---- Begin --------------------------------------------------------------- */

static int copy_setup(struct stats *s, const struct stats_setup *setup)
{
	const struct config *c = setup->config;

	s->folder = strdup(setup->folder);
	if (!s->folder)
		return -ENOMEM;
	s->setup = *setup;
	s->setup.folder = s->folder;
	s->setup.size = MAX(setup->size, 1);
	s->setup.nodes = MAX(setup->nodes, 1);
	s->setup.node_size = MAX(setup->node_size, 1);
	if (s->setup.sample_bytes <= 0)
		s->setup.sample_bytes = c->dataset.record_length_bytes;
	/* DLIO's generator has replaced the length by then: by the product of
	 * no dims. */
	if (c->dliofs.train.compat_strict && c->workflow.generate_data &&
	    !c->dataset.record_dims.n)
		s->setup.sample_bytes = 1;
	return 0;
}

int stats_new(const struct stats_setup *setup, uint64_t now_ns,
	      struct stats **out)
{
	const struct config *c = setup->config;
	struct stats *s = calloc(1, sizeof(*s));
	struct metrics_window w;
	int rc;

	if (!s)
		return -ENOMEM;
	rc = copy_setup(s, setup);
	if (rc == 0)
		rc = ledger_describe_host(&s->ledger);
	if (rc < 0)
		goto fail;
	if (s->setup.rank == 0)
		output_forget_summary(s->folder);
	ledger_note(&s->ledger.start, now_ns);
	s->ledger.host_data_gb = metrics_host_data_gb(
		s->setup.node_size, s->setup.size,
		c->dataset.num_samples_per_file, c->dataset.num_files_train,
		s->setup.sample_bytes);
	rc = summary_ask_hosts(&s->summary, &s->setup, &s->ledger);
	if (rc < 0)
		goto fail;
	w = window(s, s->setup.steps_train);
	narrate_window(front(s), c, &w, now_ns);
	narrate_host(front(s), c, &s->ledger, &s->summary);
	*out = s;
	return 0;
fail:
	stats_free(s);
	return rc;
}

void stats_free(struct stats *s)
{
	if (!s)
		return;
	summary_clear(&s->summary);
	ledger_clear(&s->ledger);
	free(s->folder);
	free(s);
}

/* ---- Epochs -------------------------------------------------------------- */

void stats_epoch_start(struct stats *s, uint64_t now_ns)
{
	if (s->failed)
		return;
	s->blocks = 0;
	s->train_steps = 0;
	keep(s, ledger_add_epoch(&s->ledger, now_ns));
}

void stats_epoch_end(struct stats *s, uint64_t now_ns)
{
	struct ledger_epoch *e = this_epoch(s);

	if (e)
		ledger_note(&e->end, now_ns);
}

void stats_train_start(struct stats *s, uint64_t now_ns)
{
	struct ledger_epoch *e = this_epoch(s);

	if (!e)
		return;
	e->trained = true;
	ledger_note(&e->start, now_ns); /* as DLIO: replaces the epoch's */
	keep(s, hostinfo_meminfo("/proc", &e->meminfo));
	narrate_train_start(front(s), s->setup.config, s->ledger.epochs,
			    s->setup.steps_train, now_ns);
}

/* The epoch's figures from its blocks'. */
static int weigh_blocks(struct ledger_epoch *e)
{
	AUTO_FREE double *au = calloc(MAX(e->phases, 1), sizeof(*au));
	AUTO_FREE double *rate = calloc(MAX(e->phases, 1), sizeof(*rate));
	AUTO_FREE uint64_t *steps = calloc(MAX(e->phases, 1), sizeof(*steps));
	size_t n = 0;

	if (!au || !rate || !steps)
		return -ENOMEM;
	for (size_t i = 0; i < e->phases; i++) {
		if (e->phase[i].kind != LEDGER_BLOCK)
			continue;
		au[n] = e->phase[i].au;
		rate[n] = e->phase[i].throughput;
		steps[n++] = e->phase[i].steps;
	}
	e->au = metrics_weighted_mean(au, steps, n);
	e->throughput = metrics_weighted_mean(rate, steps, n);
	return 0;
}

void stats_train_end(struct stats *s, uint64_t now_ns)
{
	struct ledger_epoch *e = this_epoch(s);

	if (!e)
		return;
	ledger_note(&e->train_end, now_ns);
	keep(s, weigh_blocks(e));
	narrate_train_end(front(s), s->ledger.epochs, e, s->train_steps);
}

/* ---- Blocks and steps ---------------------------------------------------- */

void stats_block_start(struct stats *s, uint64_t now_ns)
{
	if (!next_phase(s, LEDGER_BLOCK, s->blocks + 1, now_ns))
		return;
	s->blocks++;
	narrate_block_start(front(s), s->blocks, now_ns);
}

void stats_block_end(struct stats *s, uint64_t now_ns)
{
	struct ledger_phase *p = this_phase(s, 1u << LEDGER_BLOCK);
	struct metrics_window w = window(s, s->setup.steps_train);
	uint64_t batch = s->setup.config->reader.batch_size;
	struct metrics_block b;

	if (!p)
		return;
	ledger_note(&p->end, now_ns);
	b = block_of(p);
	p->au = metrics_au(&b, &w);
	p->throughput = s->setup.config->dliofs.train.compat_strict ?
				metrics_throughput_strict(&b, &w, batch) :
				metrics_throughput(&b, &w, batch);
	narrate_block_end(front(s), &s->setup, s->ledger.epochs, p,
			  metrics_compute_seconds(&b, &w));
}

void stats_batch(struct stats *s, uint64_t load_ns, uint64_t compute_ns,
		 uint64_t proc_ns, uint64_t now_ns)
{
	struct ledger_phase *p = this_phase(s, 1u << LEDGER_BLOCK);

	if (!p)
		return;
	keep(s, ledger_add_step(p, load_ns, compute_ns, proc_ns));
	if (!s->failed)
		narrate_step(&s->setup, p, ++s->train_steps, now_ns);
}

/* ---- Evaluation ---------------------------------------------------------- */

void stats_eval_start(struct stats *s, uint64_t now_ns)
{
	if (next_phase(s, LEDGER_EVAL, 1, now_ns))
		narrate_eval_start(front(s), s->setup.steps_eval, now_ns);
}

void stats_eval_batch(struct stats *s, uint64_t load_ns, uint64_t compute_ns,
		      uint64_t proc_ns, uint64_t now_ns)
{
	struct ledger_phase *p = this_phase(s, 1u << LEDGER_EVAL);

	if (!p)
		return;
	keep(s, ledger_add_step(p, load_ns, compute_ns, proc_ns));
	if (!s->failed)
		narrate_step(&s->setup, p, p->steps, now_ns);
}

void stats_eval_end(struct stats *s, uint64_t now_ns)
{
	struct ledger_phase *p = this_phase(s, 1u << LEDGER_EVAL);
	struct metrics_window w = window(s, s->setup.steps_eval);
	struct metrics_block b;

	if (!p)
		return;
	ledger_note(&p->end, now_ns);
	b = block_of(p);
	p->au = metrics_au(&b, &w);
	p->throughput = metrics_throughput_eval(
		&b, s->setup.config->reader.batch_size_eval);
	narrate_eval_end(front(s), s->setup.size, s->ledger.epochs, p);
}

/* ---- Checkpoints and bytes ----------------------------------------------- */

void stats_checkpoint_start(struct stats *s, enum stats_checkpoint what,
			    unsigned number, uint64_t step, uint64_t now_ns)
{
	enum ledger_kind kind = what == STATS_LOAD ? LEDGER_LOAD : LEDGER_SAVE;
	struct ledger_phase *p = next_phase(s, kind, number, now_ns);

	if (p)
		narrate_checkpoint_start(front(s), s->ledger.epochs, p, step);
}

void stats_checkpoint_end(struct stats *s, uint64_t moved_bytes,
			  uint64_t now_ns)
{
	struct ledger_phase *p =
		this_phase(s, 1u << LEDGER_SAVE | 1u << LEDGER_LOAD);

	if (!p)
		return;
	ledger_note(&p->end, now_ns);
	p->moved_bytes = moved_bytes;
	p->gb_per_second =
		metrics_gb_per_second((double)s->setup.checkpoint_bytes,
				      ledger_duration(&p->start, &p->end));
	narrate_checkpoint_end(front(s), s->ledger.epochs, p);
}

void stats_io(struct stats *s, const struct stats_io *io)
{
	struct ledger_epoch *e = this_epoch(s);

	if (!e)
		return;
	e->io.samples += io->samples;
	e->io.consumed_bytes += io->consumed_bytes;
	e->io.delivered_bytes += io->delivered_bytes;
	e->io.delivered_known |= io->delivered_known;
	e->io.read_ns += io->read_ns;
	e->io.check_ns += io->check_ns;
}

/* ---- End ----------------------------------------------------------------- */

int stats_finish(struct stats *s, uint64_t now_ns)
{
	int rc = summary_make(&s->summary, &s->setup, &s->ledger);

	if (rc < 0)
		return s->failed ? s->failed : rc;
	dlog_output(front(s), now_ns, "Saved outputs in %s", s->folder);
	narrate_metrics(front(s), &s->setup, &s->summary);
	return s->failed;
}

int stats_save(struct stats *s, uint64_t now_ns)
{
	ledger_note(&s->ledger.end, now_ns);
	return output_save(&s->setup, &s->ledger);
}

int stats_save_summary(struct stats *s)
{
	int rc;

	if (s->setup.rank)
		return 0;
	rc = output_save_summary(&s->setup, &s->ledger, &s->summary);
	if (rc == 0)
		dlog_output(front(s), s->ledger.end.ns,
			    "outputs saved in RANKID_output.json");
	return rc;
}

void stats_figures(const struct stats *s, struct stats_figures *out)
{
	const struct summary_part *p = &s->summary.train;

	*out = (struct stats_figures){
		.epochs = s->summary.trained,
		.au_percent = p->au.spread.mean,
		.samples_per_second = p->throughput.spread.mean,
		.mb_per_second = p->mb_per_second.mean,
		.met = p->met,
	};
}
