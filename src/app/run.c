#include "app/run.h"

#include "app/profiler.h"
#include "app/results.h"
#include "base/log.h"
#include "train/model.h"
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
	rc = dlog_remove(path);
	return rc ? rc : dlog_new(path, console, level, &r->log);
}

/* Before anything is written: a dataset takes long to generate. */
static int check_possible(const struct run *r)
{
	const struct workload *w = &r->workload;
	const struct config *c = w->config;
	int rc = 0;

	if (c->workflow.train || c->workflow.generate_data)
		rc = workload_need_dataset(w);
	if (!rc)
		rc = train_check(c, 1);
	if (!rc)
		rc = profiler_check(c);
	if (!rc && c->workflow.checkpoint)
		rc = model_check(c, 1);
	return rc == -ENOTSUP || (rc == -EDOM && !r->as_dlio) ? -EINVAL : rc;
}

/* Results of what was not asked for must not pass for what was. */
static void warn_of_differences(const struct config *c)
{
	AUTO_FREE char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return;
	config_print_unused(c, true, f);
	if (!fclose(f) && size) {
		text[size - 1] = '\0';
		log_warn("%s", text);
	}
}

/* On a workload that is open. */
static int begin(struct run *out)
{
	int rc = check_possible(out);

	if (!rc)
		rc = results_folder(out->cli, out->workload.config,
				    &out->folder);
	if (!rc)
		rc = open_log(out);
	if (!rc && out->workload.config->dliofs.record)
		rc = recorder_new(-1, &out->recorder);
	if (!rc)
		warn_of_differences(out->workload.config);
	return rc;
}

int run_open(const struct cli *cli, struct run *out)
{
	int rc;

	*out = (struct run){ .cli = cli };
	rc = workload_open(cli, &out->workload);
	return rc ? rc : begin(out);
}

int run_open_as_dlio(const struct cli *cli, struct config *c, struct run *out)
{
	int rc;

	*out = (struct run){ .cli = cli, .as_dlio = true };
	rc = workload_of(c, &out->workload);
	return rc ? rc : begin(out);
}

void run_close(struct run *r)
{
	recorder_free(r->recorder);
	dlog_free(r->log);
	free(r->folder);
	workload_close(&r->workload);
}
