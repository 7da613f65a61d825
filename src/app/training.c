#include "app/training.h"

#include "app/announcer.h"
#include "app/caches.h"
#include "app/discovery.h"
#include "app/latency.h"
#include "app/mounted.h"
#include "app/presence.h"
#include "app/profiler.h"
#include "app/results.h"
#include "app/serve.h"
#include "app/sources.h"
#include "app/stop.h"
#include "app/summary_table.h"
#include "base/clock.h"
#include "base/log.h"
#include "train/model.h"
#include "train/pattern.h"
#include "train/stats.h"
#include "train/train.h"

#include <errno.h>

struct training {
	struct run *run;
	struct mounted *mount; /* private; or NULL */
	struct sources_one data, checkpoints;
	struct announcer announcer;
	struct stats *stats;
	bool generated;
	struct train_result result;
};

static const struct config *config_of(const struct training *t)
{
	return t->run->workload.config;
}

/* A loader that is idle needs no dataset. */
static bool wants_data(const struct training *t)
{
	return config_of(t)->workflow.train && pattern_reads(config_of(t));
}

/* ---- The sources ---- */

static int start_mount(struct training *t)
{
	struct run *r = t->run;
	const struct mounted_options options = {
		.recorder = r->recorder,
		.mem_fd = r->workload.stores.backend.mem_fd,
		.quiet = r->cli->quiet,
	};

	return mounted_start(r->cli, &options, &t->mount);
}

/* On somebody else's mount, the trainer itself will see what is missing. */
static int discover_through(struct training *t, const char *mount)
{
	struct stores_options options = { .backend.mem_fd = -1 };
	char folder[4096];
	struct backend *b;
	int rc;

	snprintf(folder, sizeof(folder), "%s/%s", mount, SERVE_DATA);
	rc = workload_need_dataset(&t->run->workload);
	if (!rc)
		rc = stores_open(folder, &options, &b);
	if (rc)
		return rc;
	rc = discovery_run(&t->run->workload, b);
	backend_close(b);
	return rc;
}

static int open_through(struct training *t, const char *folder)
{
	int rc = 0;

	if (wants_data(t)) {
		rc = sources_of_mount(folder, SERVE_DATA, &t->data);
		announcer_open(&t->announcer, folder, SERVE_DATA);
	}
	if (!rc && config_of(t)->workflow.checkpoint)
		rc = sources_of_mount(folder, SERVE_CHECKPOINTS,
				      &t->checkpoints);
	return rc;
}

static int open_native(struct training *t)
{
	struct workload *w = &t->run->workload;
	int rc = 0;

	w->stores.recorder = t->run->recorder;
	if (wants_data(t))
		rc = sources_native(w, w->data_uri, false, &t->data);
	if (!rc && w->config->workflow.checkpoint)
		rc = sources_native(w, w->checkpoint_uri, true,
				    &t->checkpoints);
	return rc;
}

static int open_sources(struct training *t)
{
	const char *through = t->run->cli->through;
	int rc;

	if (through)
		return open_through(t, through);
	if (!config_of(t)->dliofs.mount.enabled ||
	    !(wants_data(t) || config_of(t)->workflow.checkpoint))
		return open_native(t);
	rc = start_mount(t);
	return rc ? rc : open_through(t, mounted_path(t->mount));
}

static void close_sources(struct training *t)
{
	announcer_close(&t->announcer);
	sources_close(&t->data);
	sources_close(&t->checkpoints);
	mounted_stop(t->mount);
	t->mount = NULL;
}

/* ---- The trainer ---- */

static int drop_caches(void *arg)
{
	struct training *t = arg;

	return caches_drop(&t->run->workload);
}

static void announce(void *arg, const char *const *names, size_t n)
{
	struct training *t = arg;

	announcer_say(&t->announcer, names, n);
}

static uint64_t store_bytes(void *arg)
{
	struct training *t = arg;

	return recorder_bytes(t->run->recorder, REC_STORE, REC_READ);
}

/* Whether this run's recorder sees the store: not on somebody else's mount,
 * and not natively on files. */
static bool sees_store(const struct training *t)
{
	return t->run->recorder && (t->mount || t->data.store);
}

static int make_stats(struct training *t)
{
	const struct workload *w = &t->run->workload;
	struct dataset_file file = { 0 };
	struct stats_setup setup = {
		.config = w->config,
		.log = t->run->log,
		.folder = t->run->folder,
		.size = 1,
		.nodes = 1,
		.node_size = 1,
	};
	struct model_sizes sizes = { 0 };
	int rc = 0;

	if (w->config->workflow.checkpoint)
		rc = model_sizes(w->config, 1, &sizes);
	if (rc)
		return log_fail(rc, "memory for the model's layers");
	setup.checkpoint_bytes = sizes.model_bytes + sizes.optimizer_bytes;

	if (config_of(t)->workflow.train) {
		dataset_file(w->dataset, 0, &file);
		setup.steps_train =
			train_expected_steps(w->config, w->dataset, 1);
		setup.steps_eval =
			train_expected_eval_steps(w->config, w->dataset, 1);
		if (w->config->dataset.record_dims.n)
			setup.sample_bytes = (double)file.record_bytes;
	}
	return stats_new(&setup, clock_ns(), &t->stats);
}

static int train(struct training *t)
{
	const struct train_env env = {
		.config = config_of(t),
		.dataset = t->run->workload.dataset,
		.data = t->data.source,
		.checkpoints = t->checkpoints.source,
		.recorder = t->run->recorder,
		.stats = t->stats,
		.log = t->run->log,
		.ranks = 1,
		.generated = t->generated,
		.hooks = { .arg = t,
			   .drop_caches = drop_caches,
			   .store_bytes = sees_store(t) ? store_bytes : NULL,
			   .announce = announce },
		.stop = stop_flag(),
	};
	int rc = train_run(&env, &t->result);

	if (rc == -EINTR)
		return log_fail(rc, "training");
	return rc ? rc : stats_finish(t->stats, clock_ns());
}

/* ---- The report ---- */

static const char *way(const struct training *t)
{
	if (t->run->cli->through)
		return "through a mount that exists";
	return config_of(t)->dliofs.mount.enabled ? "through the mount" :
						    "natively";
}

static int save(struct training *t)
{
	const struct run *r = t->run;
	char title[512];
	int rc = stats_save(t->stats, clock_ns());

	if (rc || !r->recorder)
		return rc;
	snprintf(title, sizeof(title), "%s, %s", config_of(t)->model.name,
		 way(t));
	return results_write(r->folder, title, r->workload.data_uri,
			     r->recorder);
}

/* What was measured is shown even if it cannot be saved. */
static int report(struct training *t)
{
	const struct run *r = t->run;
	int rc = save(t);

	if (r->as_dlio)
		return rc;
	summary_table_print(&t->result, t->stats, stdout);
	if (r->recorder) {
		putchar('\n');
		latency_print(r->recorder, stdout);
	}
	printf("\nresults: %s%s\n", r->folder, rc ? " (not complete)" : "");
	return rc;
}

static int train_and_report(struct training *t)
{
	int rc = 0;

	if (wants_data(t))
		rc = t->run->cli->through ?
			     discover_through(t, t->run->cli->through) :
			     presence_check(&t->run->workload, &t->generated);
	if (!rc)
		rc = open_sources(t);
	if (!rc)
		rc = make_stats(t);
	if (!rc)
		rc = train(t);
	close_sources(t); /* all figures are in, the server's too */
	return rc ? rc : report(t);
}

int training_run(struct run *r)
{
	struct training t = { .run = r, .announcer.fd = -1 };
	struct profiler *profiler;
	int rc;

	rc = profiler_start(config_of(&t), r->folder, &profiler);
	if (rc)
		return rc;
	rc = train_and_report(&t);
	profiler_stop(profiler);
	stats_free(t.stats);
	train_result_clear(&t.result);
	return rc;
}
