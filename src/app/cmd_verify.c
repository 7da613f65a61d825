#include "app/commands.h"
#include "app/progress.h"
#include "app/stop.h"
#include "app/workload.h"
#include "base/log.h"
#include "data/verify.h"

#include <errno.h>
#include <inttypes.h>

static void say_result(const struct workload *w, const struct verify_result *r)
{
	if (!r->missing && !r->damaged)
		log_info("%s: %" PRIu64 " files are there and right%s",
			 w->data_uri, r->good,
			 r->manifest ? ", as the manifest says" :
				       " (there is no manifest)");
	else
		log_error("%s: %" PRIu64 " files are right, %" PRIu64
			  " missing, %" PRIu64 " damaged",
			  w->data_uri, r->good, r->missing, r->damaged);
}

static int verify(struct workload *w, const struct cli *cli)
{
	struct verify_result result;
	struct progress bar;
	struct backend *b;
	struct crew crew = { .threads = (unsigned)cli->threads,
			     .progress = progress_show,
			     .progress_arg = &bar,
			     .stop = stop_flag() };
	int rc;

	rc = workload_need_dataset(w);
	if (!rc)
		rc = workload_open_data(w, false, &b);
	if (rc)
		return rc;
	if (!crew.threads)
		crew.threads = workload_threads(w, b);
	progress_start(&bar, "verify", cli->quiet);
	rc = verify_dataset(w->dataset, b, &crew, &result);
	progress_end(&bar);
	if (!rc || rc == -EBADMSG)
		say_result(w, &result);
	backend_close(b);
	return rc;
}

int cmd_verify(const struct cli *cli)
{
	struct workload w = { 0 };
	int rc;

	stop_catch();
	rc = workload_open(cli, &w);
	if (!rc)
		rc = verify(&w, cli);
	workload_close(&w);
	return rc;
}
