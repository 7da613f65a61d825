#include "app/generation.h"

#include "app/rankcrew.h"
#include "app/ranks.h"
#include "app/stop.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "data/generate.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/stat.h>

static void say_done(const struct workload *w,
		     const struct generate_result *result, uint64_t elapsed_ns)
{
	char size[TEXT_SIZE], rate[TEXT_SIZE], time[TEXT_SIZE];
	double seconds = (double)elapsed_ns / (double)NS_PER_SEC;

	text_size(size, result->written_bytes);
	text_duration(time, elapsed_ns);
	text_size(rate, seconds > 0 ? (uint64_t)((double)result->written_bytes /
						 seconds) :
				      0);
	log_info("%s: %" PRIu64 " files written (%s in %s, %s/s), "
		 "%" PRIu64 " there already",
		 w->data_uri, result->written, size, time, rate,
		 result->skipped);
}

/* Stores make folders as files need them; DLIO wants even those of no file. */
static int make_folders(const char *data_uri)
{
	const char *folder = stores_folder(data_uri);
	char path[4096];

	for (int split = 0; folder && split < DATASET_SPLITS; split++) {
		if (snprintf(path, sizeof(path), "%s/%s", folder,
			     dataset_folder((enum dataset_split)split)) >=
		    (int)sizeof(path))
			return log_fail(-ENAMETOOLONG, "make %s", path);
		if (mkdir(path, 0777) && errno != EEXIST)
			return log_fail(-errno, "make %s", path);
	}
	return 0;
}

/* What all ranks did. */
static int add_up(struct ranks *ranks, struct generate_result *r)
{
	double sum[] = { (double)r->skipped, (double)r->written,
			 (double)r->written_bytes };
	int rc = ranks ? ranks_sum(ranks, sum, ARRAY_SIZE(sum)) : 0;

	if (rc)
		return rc;
	*r = (struct generate_result){ .skipped = (uint64_t)sum[0],
				       .written = (uint64_t)sum[1],
				       .written_bytes = (uint64_t)sum[2] };
	return 0;
}

static int generate(struct workload *w, const struct cli *cli,
		    struct ranks *ranks, struct backend *b)
{
	struct crew crew = { .threads = workload_threads(w, b) };
	struct generate_result result;
	struct rankcrew part;
	int rc;

	rankcrew_start(&part, ranks, &crew, "generate", cli->quiet);
	rc = generate_dataset(w->dataset, b, &crew, &result);
	rankcrew_end(&part);
	if (rc == -EINTR)
		log_error("interrupted; generate again to go on");
	else if (!rc)
		rc = make_folders(w->data_uri);
	if (!rc)
		rc = add_up(ranks, &result);
	if (!rc)
		say_done(w, &result, clock_ns() - crew.start_ns);
	return rc;
}

int generation_run(struct workload *w, const struct cli *cli,
		   struct ranks *ranks)
{
	struct backend *b;
	int rc;

	if (stores_is_synth(w->data_uri)) {
		log_info("synth:// needs no generation");
		return 0;
	}
	rc = workload_need_dataset(w);
	if (!rc)
		rc = workload_open_data(w, true, &b);
	if (rc)
		return rc;
	rc = generate(w, cli, ranks, b);
	backend_close(b);
	return rc;
}

int generation_remove(struct workload *w)
{
	struct crew crew = { .stop = stop_flag() };
	struct backend *b;
	int rc;

	if (stores_is_synth(w->data_uri))
		return 0;
	rc = workload_open_data(w, false, &b);
	if (rc)
		return rc;
	crew.threads = workload_threads(w, b);
	rc = generate_remove(w->dataset, b, &crew);
	backend_close(b);
	return rc;
}
