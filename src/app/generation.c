#include "app/generation.h"

#include "app/progress.h"
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

int generation_run(struct workload *w, const struct cli *cli)
{
	struct generate_result result;
	struct progress bar;
	struct backend *b;
	struct crew crew = { .threads = (unsigned)cli->threads,
			     .progress = progress_show,
			     .progress_arg = &bar,
			     .stop = stop_flag() };
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
	if (!crew.threads)
		crew.threads = (unsigned)w->config->dliofs.dataset.threads;
	if (!crew.threads)
		crew.threads = workload_threads(w, b);
	progress_start(&bar, "generate", cli->quiet);
	rc = generate_dataset(w->dataset, b, &crew, &result);
	progress_end(&bar);
	if (rc == -EINTR)
		log_error("interrupted; generate again to go on");
	else if (!rc)
		rc = make_folders(w->data_uri);
	if (!rc)
		say_done(w, &result, clock_ns() - crew.start_ns);
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
