#include "app/training.h"

#include "app/accelerators.h"
#include "app/hostmount.h"
#include "app/latency.h"
#include "app/merge.h"
#include "app/presence.h"
#include "app/profiler.h"
#include "app/results.h"
#include "app/serve.h"
#include "app/sources.h"
#include "app/summary_table.h"
#include "base/log.h"
#include "train/pattern.h"

#include <errno.h>

struct training {
	struct run *run;
	struct hostmount mount;
	struct sources_one data, checkpoints;
	struct announcer announcer;
	struct accelerators accelerators;
	bool generated;
	struct merge_line *line; /* of each rank; on rank 0 */
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

	return hostmount_start(&t->mount, r->cli, &options);
}

static int open_through(struct training *t, const char *folder)
{
	const struct workload *w = &t->run->workload;
	bool is_private = !t->run->cli->through;
	int rc = 0;

	if (wants_data(t)) {
		rc = sources_of_mount(folder, SERVE_DATA,
				      is_private ? w->data_uri : NULL,
				      &t->data);
		announcer_open(&t->announcer, folder, SERVE_DATA);
	}
	if (!rc && config_of(t)->workflow.checkpoint)
		rc = sources_of_mount(folder, SERVE_CHECKPOINTS,
				      is_private ? w->checkpoint_uri : NULL,
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
	return rc ? rc : open_through(t, t->mount.path);
}

static void close_sources(struct training *t)
{
	announcer_close(&t->announcer);
	sources_close(&t->data);
	sources_close(&t->checkpoints);
	hostmount_stop(&t->mount);
}

/* ---- The trainer ---- */

/* Whether this run's recorder sees the store: not on somebody else's mount,
 * and not natively on files. */
static bool sees_store(const struct training *t)
{
	return t->run->recorder && (t->mount.own || t->data.store);
}

static int train(struct training *t)
{
	const struct accelerators_setup setup = {
		.run = t->run,
		.data = t->data.source,
		.checkpoints = t->checkpoints.source,
		.announcer = &t->announcer,
		.generated = t->generated,
		.sees_store = sees_store(t),
	};

	return accelerators_run(&setup, &t->accelerators);
}

/* ---- The report ---- */

static const char *way(const struct training *t)
{
	if (t->run->cli->through)
		return "through a mount that exists";
	return config_of(t)->dliofs.mount.enabled ? "through the mount" :
						    "natively";
}

static int save_latencies(const struct training *t)
{
	const struct run *r = t->run;
	char title[512];

	if (!r->recorder || r->ranks->rank)
		return 0;
	snprintf(title, sizeof(title), "%s, %s", config_of(t)->model.name,
		 way(t));
	return results_write(r->folder, title, r->workload.data_uri,
			     r->recorder);
}

/* Whoever finds summary.json finds the rest, too. */
static int save(struct training *t)
{
	int rc = accelerators_save(&t->accelerators);

	if (!rc)
		rc = save_latencies(t);
	rc = ranks_agree(t->run->ranks, rc);
	return rc ? rc : stats_save_summary(t->accelerators.stats[0]);
}

/* Rank 0's figures become those of all. */
static int merge(struct training *t)
{
	struct run *r = t->run;
	int rc;

	if (r->ranks->size == 1)
		return 0;
	rc = merge_recorders(r->ranks, r->recorder, &t->accelerators.result,
			     &t->line);
	return rc ? rc : merge_result(r->ranks, &t->accelerators.result);
}

/* What was measured is shown even if it cannot be saved. */
static int report(struct training *t)
{
	const struct run *r = t->run;
	int rc = save(t);

	if (r->as_dlio || r->ranks->rank)
		return rc;
	summary_table_print(&t->accelerators.result, t->accelerators.stats[0],
			    stdout);
	if (t->line) {
		putchar('\n');
		merge_print(t->line, r->ranks->size, stdout);
	}
	if (r->recorder) {
		putchar('\n');
		latency_print(r->recorder, stdout);
	}
	printf("\nresults: %s%s\n", r->folder, rc ? " (not complete)" : "");
	return rc;
}

static int find_data(void *arg)
{
	struct training *t = arg;

	if (!wants_data(t))
		return 0;
	return t->run->cli->through ?
		       presence_check_through(&t->run->workload,
					      t->run->cli->through) :
		       presence_check(&t->run->workload, &t->generated);
}

/* The others know of a failure before the mount goes from under them. */
static int train_and_report(struct training *t)
{
	struct ranks *ranks = t->run->ranks;
	int rc = ranks_in_turn(ranks, find_data, t);

	if (!rc)
		rc = open_sources(t);
	if (!rc)
		rc = train(t);
	rc = ranks_agree(ranks, rc);
	close_sources(t); /* all figures are in, the server's too */
	if (!rc)
		rc = merge(t);
	return rc ? rc : report(t);
}

int training_run(struct run *r)
{
	struct training t = { .run = r,
			      .mount.ranks = r->ranks,
			      .announcer.fd = -1 };
	struct profiler *profiler = NULL;
	int rc = 0;

	if (r->ranks->rank == 0)
		rc = profiler_start(config_of(&t), r->folder, &profiler);
	rc = ranks_agree(r->ranks, rc);
	if (rc)
		return rc;
	rc = train_and_report(&t);
	profiler_stop(profiler);
	accelerators_clear(&t.accelerators);
	free(t.line);
	return rc;
}
