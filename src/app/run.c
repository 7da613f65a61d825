#include "app/run.h"

#include "app/accelerators.h"
#include "app/profiler.h"
#include "app/results.h"
#include "app/stop.h"
#include "base/log.h"
#include "train/model.h"
#include "train/savefile.h"
#include "train/train.h"

#include <errno.h>
#include <string.h>

static int open_log(struct run *r)
{
	FILE *console = r->cli->quiet ? NULL : stderr;
	char path[4096];
	enum dlog_level level;
	int rc;

	rc = dlog_parse_level(getenv("DLIO_LOG_LEVEL"), &level);
	if (rc)
		return rc;
	if (snprintf(path, sizeof(path), "%s/%s", r->folder,
		     r->workload.config->output.log_file) >= (int)sizeof(path))
		return log_fail(-ENAMETOOLONG, "the log in %s", r->folder);
	/* The one of an earlier run, before anybody writes to it. */
	rc = ranks_agree(r->ranks, r->ranks->rank ? 0 : dlog_remove(path));
	return rc ? rc : dlog_new(path, console, level, &r->log);
}

/* Before anything is written: a dataset takes long to generate. */
static int check_possible(void *arg)
{
	const struct run *r = arg;
	const struct workload *w = &r->workload;
	const struct config *c = w->config;
	int rc = workload_check_ranks(w, r->ranks);

	if (!rc && (c->workflow.train || c->workflow.generate_data))
		rc = workload_need_dataset(w);
	if (!rc)
		rc = train_check(c, accelerators_count(r));
	if (!rc)
		rc = profiler_check(c);
	if (!rc && c->workflow.checkpoint)
		rc = model_check(c, accelerators_count(r));
	return rc == -ENOTSUP || (rc == -EDOM && !r->as_dlio) ? -EINVAL : rc;
}

/* Its name may hold the time, and that rank 0's. */
static int make_folder(struct run *r)
{
	const struct config *c = r->workload.config;
	char path[4096] = "";
	int rc = 0;

	if (r->ranks->rank == 0)
		rc = results_folder(r->cli, c, &r->folder);
	if (!rc && r->folder &&
	    snprintf(path, sizeof(path), "%s", r->folder) >= (int)sizeof(path))
		rc = log_fail(-ENAMETOOLONG, "results in %s", r->folder);
	rc = ranks_agree(r->ranks, rc);
	if (!rc)
		rc = ranks_tell(r->ranks, path, sizeof(path));
	if (rc || r->folder)
		return rc;
	r->folder = strdup(path);
	return r->folder ? savefile_make_folder(path) : -ENOMEM;
}

/* On a workload that is open. */
static int begin(struct run *r)
{
	int rc = ranks_in_turn(r->ranks, check_possible, r);

	if (!rc)
		rc = make_folder(r);
	if (!rc)
		rc = open_log(r);
	if (!rc && r->workload.config->dliofs.record)
		rc = recorder_new(-1, &r->recorder);
	return rc;
}

static int open_run(const struct cli *cli, struct ranks *ranks, struct run *out)
{
	int rc;

	*out = (struct run){ .cli = cli, .ranks = ranks };
	rc = workload_open_on(ranks, cli, &out->workload);
	return rc ? rc : begin(out);
}

int run_open_as_dlio(const struct cli *cli, struct ranks *ranks,
		     struct config *c, struct run *out)
{
	int rc;

	*out = (struct run){ .cli = cli, .ranks = ranks, .as_dlio = true };
	rc = workload_of(c, &out->workload);
	return rc ? rc : begin(out);
}

struct dlog *run_front(const struct run *r)
{
	return r->ranks->rank ? NULL : r->log;
}

void run_close(struct run *r)
{
	recorder_free(r->recorder);
	dlog_free(r->log);
	free(r->folder);
	workload_close(&r->workload);
}

int run_command(const struct cli *cli, int (*work)(struct run *r))
{
	struct run r = { 0 };
	struct ranks *ranks;
	int rc;

	stop_catch();
	rc = ranks_open(&ranks);
	if (!rc)
		rc = open_run(cli, ranks, &r);
	if (!rc)
		rc = work(&r);
	run_close(&r);
	return ranks_close(ranks, rc);
}
