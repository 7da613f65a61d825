#include "app/run.h"

#include "app/results.h"
#include "base/log.h"

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

int run_open(const struct cli *cli, struct run *out)
{
	int rc;

	*out = (struct run){ .cli = cli };
	rc = workload_open(cli, &out->workload);
	if (!rc)
		rc = results_folder(cli, out->workload.config, &out->folder);
	if (!rc)
		rc = open_log(out);
	if (!rc && out->workload.config->dliofs.record)
		rc = recorder_new(-1, &out->recorder);
	return rc;
}

void run_close(struct run *r)
{
	recorder_free(r->recorder);
	dlog_free(r->log);
	free(r->folder);
	workload_close(&r->workload);
}
