#include "app/commands.h"
#include "app/rankcrew.h"
#include "app/ranks.h"
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

/* What all ranks found.  A bad file is no failure of the work. */
static int add_up(struct ranks *ranks, int rc, struct verify_result *r)
{
	double sum[] = { (double)r->good, (double)r->missing,
			 (double)r->damaged };

	rc = ranks_agree(ranks, rc == -EBADMSG ? 0 : rc);
	if (!rc)
		rc = ranks_sum(ranks, sum, ARRAY_SIZE(sum));
	if (rc)
		return rc;
	r->good = (uint64_t)sum[0];
	r->missing = (uint64_t)sum[1];
	r->damaged = (uint64_t)sum[2];
	return r->missing || r->damaged ? -EBADMSG : 0;
}

static int verify(struct workload *w, const struct cli *cli,
		  struct ranks *ranks)
{
	struct crew crew = { 0 };
	struct verify_result result;
	struct backend *b;
	struct rankcrew part;
	int rc;

	rc = workload_need_dataset(w);
	if (!rc)
		rc = workload_check_lasts(w);
	if (!rc)
		rc = workload_open_data(w, false, &b);
	if (rc)
		return rc;
	crew.threads = workload_threads(w, b);
	rankcrew_start(&part, ranks, &crew, "verify", cli->quiet);
	rc = verify_dataset(w->dataset, b, &crew, &result);
	rankcrew_end(&part);
	if (rc == -EINTR)
		log_error("interrupted: the rest was not looked at");
	rc = add_up(ranks, rc, &result);
	if (ranks->rank == 0 && (!rc || rc == -EBADMSG))
		say_result(w, &result);
	backend_close(b);
	return rc;
}

int cmd_verify(const struct cli *cli)
{
	return workload_command(cli, verify);
}
