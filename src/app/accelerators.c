#include "app/accelerators.h"

#include "app/caches.h"
#include "app/stop.h"
#include "base/clock.h"
#include "base/log.h"
#include "train/model.h"
#include "train/team.h"

#include <errno.h>
#include <string.h>

struct all {
	const struct accelerators_setup *setup;
	struct accelerators *out;
	struct train_result *result; /* of each */
};

struct one {
	const struct accelerators_setup *setup;
	struct team_member *member;
};

static unsigned per_rank(const struct run *r)
{
	return (unsigned)r->workload.config->dliofs.train.accelerators_per_rank;
}

unsigned accelerators_count(const struct run *r)
{
	return r->ranks->size * per_rank(r);
}

/* ---- What the trainer asks for ------------------------------------------- */

static int drop_caches(void *arg)
{
	struct one *o = arg;

	return caches_drop(&o->setup->run->workload);
}

static int barrier(void *arg)
{
	struct one *o = arg;
	uint64_t from_ns = clock_ns();
	int rc = team_barrier(o->member);

	recorder_add(o->setup->run->recorder, REC_APP, REC_BARRIER,
		     clock_ns() - from_ns, rc);
	return rc;
}

static void announce(void *arg, const char *const *names, size_t n)
{
	struct one *o = arg;

	announcer_say(o->setup->announcer, names, n);
}

static uint64_t store_bytes(void *arg)
{
	struct one *o = arg;

	return recorder_bytes(o->setup->run->recorder, REC_STORE, REC_READ);
}

/* ---- One accelerator ----------------------------------------------------- */

static int count_steps(const struct workload *w, struct stats_setup *stats)
{
	const struct config_columns *columns =
		&w->config->dataset.parquet.columns;
	struct dataset_file file = { 0 };
	struct model_sizes sizes = { 0 };
	int rc = 0;

	if (w->config->workflow.checkpoint)
		rc = model_sizes(w->config, stats->size, &sizes);
	if (rc)
		return log_fail(rc, "memory for the model's layers");
	stats->checkpoint_bytes = sizes.model_bytes + sizes.optimizer_bytes;
	if (!w->config->workflow.train)
		return 0;
	dataset_file(w->dataset, 0, &file);
	stats->steps_train =
		train_expected_steps(w->config, w->dataset, stats->size);
	stats->steps_eval =
		train_expected_eval_steps(w->config, w->dataset, stats->size);
	if (columns->n && !strcmp(w->config->dataset.format, "parquet"))
		stats->sample_bytes = columns_sample_bytes(columns);
	else if (w->config->dataset.record_dims.n)
		stats->sample_bytes = (double)file.record_bytes;
	return 0;
}

static int make_stats(const struct one *o, struct stats **out)
{
	const struct run *r = o->setup->run;
	unsigned n = per_rank(r), number = o->member->number;
	struct stats_setup setup = {
		.config = r->workload.config,
		.log = r->log,
		.folder = r->folder,
		.rank = r->ranks->rank * n + number,
		.size = r->ranks->size * n,
		.node = r->ranks->node,
		.nodes = r->ranks->nodes,
		.node_rank = r->ranks->node_rank * n + number,
		.node_size = r->ranks->node_size * n,
		.sum = team_sum,
		.sum_arg = o->member,
	};
	int rc = count_steps(&r->workload, &setup);

	return rc ? rc : stats_new(&setup, clock_ns(), out);
}

static int train(struct one *o, struct stats *stats, struct train_result *out)
{
	const struct accelerators_setup *setup = o->setup;
	const struct run *r = setup->run;
	unsigned n = per_rank(r), number = o->member->number;
	bool counts = setup->sees_store && number == 0;
	const struct train_env env = {
		.config = r->workload.config,
		.dataset = r->workload.dataset,
		.data = setup->data,
		.checkpoints = setup->checkpoints,
		.recorder = r->recorder,
		.stats = stats,
		.log = r->log,
		.rank = r->ranks->rank * n + number,
		.ranks = accelerators_count(r),
		.node_ranks = r->ranks->node_size * n,
		.generated = setup->generated,
		.hooks = { .arg = o,
			   .drop_caches = drop_caches,
			   .barrier = accelerators_count(r) > 1 ? barrier :
								  NULL,
			   .store_bytes = counts ? store_bytes : NULL,
			   .announce = announce },
		.stop = stop_flag(),
	};
	int rc = train_run(&env, out);

	return rc ? rc : stats_finish(stats, clock_ns());
}

static int accelerate(void *arg, struct team_member *m)
{
	const struct all *all = arg;
	struct one one = { .setup = all->setup, .member = m };
	int rc = make_stats(&one, &all->out->stats[m->number]);

	return rc ? rc :
		    train(&one, all->out->stats[m->number],
			  &all->result[m->number]);
}

/* ---- All of them --------------------------------------------------------- */

static void add_epoch(struct train_epoch *to, const struct train_epoch *from)
{
	to->samples += from->samples;
	to->consumed_bytes += from->consumed_bytes;
	to->read_ns += from->read_ns;
	to->check_ns += from->check_ns;
}

/* Steps, saves and times are those of the first, which takes them with the
 * others; what was moved is everybody's. */
static void add_result(struct train_result *to, const struct train_result *from)
{
	for (size_t i = 0; i < MIN(to->epochs, from->epochs); i++)
		add_epoch(&to->epoch[i], &from->epoch[i]);
	to->saved_bytes += from->saved_bytes;
	to->loaded_bytes += from->loaded_bytes;
	to->load_check_ns += from->load_check_ns;
}

static int outer_barrier(void *arg)
{
	return ranks_agree(arg, 0);
}

static int run_team(struct all *all)
{
	struct ranks *ranks = all->setup->run->ranks;
	const struct team_outer outer = {
		.barrier = outer_barrier,
		.sum = ranks_sum,
		.arg = ranks,
	};
	struct team *team;
	int rc = team_new(all->out->n, &outer, &team);

	if (rc)
		return rc;
	rc = team_run(team, accelerate, all);
	team_free(team);
	if (rc == -EINTR)
		log_error("training was interrupted: there are no results");
	return rc;
}

int accelerators_run(const struct accelerators_setup *setup,
		     struct accelerators *out)
{
	unsigned n = per_rank(setup->run);
	AUTO_FREE struct train_result *result = calloc(n, sizeof(*result));
	struct all all = { .setup = setup, .out = out, .result = result };
	int rc;

	*out = (struct accelerators){ .n = n };
	out->stats = calloc(n, sizeof(struct stats *));
	if (!out->stats || !result)
		return log_fail(-ENOMEM, "accelerators");
	rc = run_team(&all);
	for (unsigned i = 1; i < n; i++) {
		add_result(&result[0], &result[i]);
		train_result_clear(&result[i]);
	}
	out->result = result[0];
	return rc;
}

int accelerators_save(struct accelerators *a)
{
	int result = 0;

	for (unsigned i = 0; i < a->n; i++) {
		int rc = stats_save(a->stats[i], clock_ns());

		result = result ? result : rc;
	}
	return result;
}

void accelerators_clear(struct accelerators *a)
{
	for (unsigned i = 0; a->stats && i < a->n; i++)
		stats_free(a->stats[i]);
	free(a->stats);
	train_result_clear(&a->result);
	*a = (struct accelerators){ 0 };
}
