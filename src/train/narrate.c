#include "train/narrate.h"

#include "base/json.h"
#include "config/config.h"
#include "train/dlog.h"
#include "train/lines.h"

static double seconds(uint64_t ns)
{
	return (double)ns / NS_PER_SEC;
}

static double phase_seconds(const struct ledger_phase *p)
{
	return seconds(ledger_duration(&p->start, &p->end));
}

/* ---- Before -------------------------------------------------------------- */

void narrate_window(struct dlog *d, const struct config *c,
		    const struct metrics_window *w, uint64_t now_ns)
{
	intmax_t left = (intmax_t)w->expected - (intmax_t)w->exclude_start -
			(intmax_t)w->exclude_end;

	dlog_info(d, now_ns,
		  "Metric calculation will exclude the beginning %ju and end "
		  "%ju steps, only includes %jd steps.",
		  (uintmax_t)w->exclude_start, (uintmax_t)w->exclude_end, left);
	if (c->workflow.train && left <= 0)
		dlog_warning(d, DLOG_NO_STAMP,
			     "No step is measured: an epoch has %ju, and "
			     "output.metric excludes %ju at its start and %ju "
			     "at its end. AU will be 0",
			     (uintmax_t)w->expected,
			     (uintmax_t)w->exclude_start,
			     (uintmax_t)w->exclude_end);
}

/* Python's text of the list of the hosts' memories. */
static char *memory_list(const struct summary *s)
{
	char number[JSON_DOUBLE_SIZE];
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	for (size_t i = 0; i < s->hosts; i++) {
		json_double(s->host[i].memory_gb, number);
		fprintf(out, "%s%s", i ? ", " : "", number);
	}
	fclose(out);
	return text;
}

void narrate_host(struct dlog *d, const struct config *c,
		  const struct ledger *l, const struct summary *s)
{
	AUTO_FREE char *list = NULL;
	char number[JSON_DOUBLE_SIZE];

	if (!c->workflow.train)
		return;
	list = memory_list(s);
	json_double(l->host_data_gb, number);
	dlog_info(d, DLOG_NO_STAMP,
		  "Total amount of data each host will consume is %s GB; each "
		  "host has [%s] GB memory",
		  number, list ? list : "");
	if (l->host_data_gb <= l->memory_gb)
		dlog_warning(d, DLOG_NO_STAMP,
			     "The amount of dataset is smaller than the host "
			     "memory; data might be cached after the first "
			     "epoch. Increase the size of dataset to eliminate "
			     "the caching effect!!!");
}

/* ---- Training ------------------------------------------------------------ */

void narrate_train_start(struct dlog *d, const struct config *c, size_t epoch,
			 uint64_t steps, uint64_t now_ns)
{
	if (c->train.total_training_steps > 0)
		dlog_output(d, now_ns,
			    "Starting epoch %zu: Overriding number of steps to "
			    "%ju.",
			    epoch, (uintmax_t)steps);
	else
		dlog_output(d, now_ns, "Starting epoch %zu: %ju steps expected",
			    epoch, (uintmax_t)steps);
}

void narrate_train_end(struct dlog *d, size_t epoch,
		       const struct ledger_epoch *e, uint64_t steps)
{
	dlog_output(d, e->train_end.ns,
		    "Ending epoch %zu - %ju steps completed in %.2f s", epoch,
		    (uintmax_t)steps,
		    seconds(ledger_duration(&e->start, &e->train_end)));
}

void narrate_block_start(struct dlog *d, unsigned number, uint64_t now_ns)
{
	dlog_output(d, now_ns, "Starting block %u", number);
}

void narrate_block_end(struct dlog *d, const struct stats_setup *setup,
		       size_t epoch, const struct ledger_phase *p,
		       struct metrics_spread compute)
{
	char set[LINES_TIME_SIZE];
	uint64_t now = p->end.ns;

	dlog_output(d, now, "Ending block %u - %zu steps completed in %.2f s",
		    p->number, p->steps, phase_seconds(p));
	if (!setup->config->workflow.train)
		return;
	dlog_output(d, now,
		    "Epoch %zu - Block %u [Training] Accelerator Utilization "
		    "[AU] (%%): %.4f",
		    epoch, p->number, p->au);
	dlog_output(d, now,
		    "Epoch %zu - Block %u [Training] Throughput "
		    "(samples/second): %.4f",
		    epoch, p->number, p->throughput * setup->size);
	lines_time(&setup->config->train.computation_time, set);
	dlog_output(d, now,
		    "Epoch %zu - Block %u [Training] Computation time per step "
		    "(second): %.4f+/-%.4f (set value: %s)",
		    epoch, p->number, compute.mean, compute.stdev, set);
}

void narrate_step(const struct stats_setup *setup, const struct ledger_phase *p,
		  uint64_t step, uint64_t now_ns)
{
	const struct config *c = setup->config;
	bool eval = p->kind == LEDGER_EVAL;
	uintmax_t batch = eval ? c->reader.batch_size_eval :
				 c->reader.batch_size;
	uint64_t load, proc;

	if (!dlog_shows(setup->log, DLOG_INFO))
		return;
	load = p->load_ns[p->steps - 1];
	proc = p->proc_ns[p->steps - 1];
	dlog_info(setup->log, now_ns - proc + load,
		  "Rank %u step %ju%s loaded %ju samples in %.4f s",
		  setup->rank, (uintmax_t)step, eval ? "" : ":", batch,
		  seconds(load));
	dlog_info(setup->log, now_ns,
		  "Rank %u step %ju processed %ju samples in %.4f%s",
		  setup->rank, (uintmax_t)step, batch, seconds(proc),
		  eval ? " s" : "s)");
}

/* ---- Evaluation ---------------------------------------------------------- */

void narrate_eval_start(struct dlog *d, uint64_t steps, uint64_t now_ns)
{
	dlog_output(d, now_ns, "Starting eval - %ju steps expected",
		    (uintmax_t)steps);
}

void narrate_eval_end(struct dlog *d, unsigned ranks, size_t epoch,
		      const struct ledger_phase *p)
{
	uint64_t now = p->end.ns;

	dlog_output(d, now, "Ending eval - %zu steps completed in %.2f s",
		    p->steps, phase_seconds(p));
	dlog_output(d, now,
		    "Epoch %zu [Eval] Accelerator Utilization [AU] (%%): %.4f",
		    epoch, p->au);
	dlog_output(d, now,
		    "Epoch %zu [Eval] Throughput (samples/second): %.4f", epoch,
		    p->throughput * ranks);
}

/* ---- Checkpoints --------------------------------------------------------- */

static const char *verb(const struct ledger_phase *p)
{
	return p->kind == LEDGER_LOAD ? "loading" : "saving";
}

void narrate_checkpoint_start(struct dlog *d, size_t epoch,
			      const struct ledger_phase *p, uint64_t step)
{
	dlog_output(d, p->start.ns,
		    "Starting %s checkpoint %u after total step %ju for epoch "
		    "%zu",
		    verb(p), p->number, (uintmax_t)step, epoch);
}

void narrate_checkpoint_end(struct dlog *d, size_t epoch,
			    const struct ledger_phase *p)
{
	dlog_output(d, p->end.ns,
		    "Finished %s checkpoint %u for epoch %zu in %.4f s; "
		    "Throughput: %.4f GB/s",
		    verb(p), p->number, epoch, phase_seconds(p),
		    p->gb_per_second);
}

/* ---- The block at the end ------------------------------------------------ */

static void say_spread(FILE *out, const char *what, int digits,
		       struct metrics_spread s)
{
	fprintf(out, "[METRIC] %s: %.*f (%.*f)\n", what, digits, s.mean, digits,
		s.stdev);
}

static void say_train(FILE *out, const struct summary_part *p)
{
	say_spread(out, "Training Accelerator Utilization [AU] (%)", 4,
		   p->au.spread);
	say_spread(out, "Training Throughput (samples/second)", 4,
		   p->throughput.spread);
	say_spread(out, "Training I/O Throughput (MB/second)", 4,
		   p->mb_per_second);
	fprintf(out, "[METRIC] train_au_meet_expectation: %s\n",
		p->met ? "success" : "fail");
}

static void say_checkpoints(FILE *out, const struct config *c,
			    const struct summary *s)
{
	if (c->checkpoint.num_checkpoints_write > 0) {
		say_spread(out, "Checkpoint save duration (seconds)", 4,
			   s->save.seconds);
		say_spread(out, "Checkpoint save I/O Throughput (GB/second)", 4,
			   s->save.gb_per_second);
	}
	if (c->checkpoint.num_checkpoints_read > 0) {
		say_spread(out, "Checkpoint load duration (seconds)", 4,
			   s->load.seconds);
		say_spread(out, "Checkpoint load I/O Throughput (GB/second)", 4,
			   s->load.gb_per_second);
	}
}

static void say_eval(FILE *out, const struct summary_part *p)
{
	say_spread(out, "Eval Accelerator Utilization [AU] (%)", 4,
		   p->au.spread);
	say_spread(out, "Eval Throughput (samples/second)", 6,
		   p->throughput.spread);
	say_spread(out, "Eval Throughput (MB/second)", 6, p->mb_per_second);
	fprintf(out, "[METRIC] eval_au_meet_expectation: %s\n",
		p->met ? "success" : "fail");
}

void narrate_metrics(struct dlog *d, const struct stats_setup *setup,
		     const struct summary *s)
{
	static const char rule[] =
		"[METRIC] "
		"==========================================================\n";
	const struct config *c = setup->config;
	AUTO_FREE char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return;
	fprintf(out, "Averaged metric over all steps/epochs\n%s", rule);
	fprintf(out, "[METRIC] Number of Simulated Accelerators: %u \n",
		setup->size);
	if (c->workflow.train)
		say_train(out, &s->train);
	if (c->workflow.checkpoint)
		say_checkpoints(out, c, s);
	if (c->workflow.evaluation)
		say_eval(out, &s->eval);
	fputs(rule, out);
	if (fclose(out) == 0)
		dlog_output(d, DLOG_NO_STAMP, "%s", text);
}
