#include "app/commands.h"
#include "app/workload.h"
#include "base/log.h"
#include "base/text.h"

#include <inttypes.h>

/* To know sizes of encoded files is to make them: a few must do, from all over
 * the dataset. */
#define SOME_FILES 8

static void estimate(const struct dataset *d)
{
	uint64_t files = dataset_files(d), some = MIN(files, SOME_FILES);
	uint64_t bytes = 0;
	char size[TEXT_SIZE];

	for (uint64_t i = 0; i < some; i++)
		bytes += dataset_size(d, i * (files / some));
	bytes = some ? (uint64_t)((double)bytes / (double)some *
				  (double)files) :
		       0;
	text_size(size, bytes);
	printf("# dataset: %" PRIu64 " files, about %s\n", files, size);
}

/* What the dataset comes to, as comments so that the output stays YAML. */
static void print_sizes(const struct workload *w)
{
	char size[TEXT_SIZE];

	printf("# data: %s\n# checkpoints: %s\n", w->data_uri,
	       w->checkpoint_uri);
	if (dataset_is_encoded(w->dataset)) {
		estimate(w->dataset);
		return;
	}
	text_size(size, dataset_bytes(w->dataset));
	printf("# dataset: %" PRIu64 " files, %" PRIu64 " bytes (%s)\n",
	       dataset_objects(w->dataset), dataset_bytes(w->dataset), size);
}

int cmd_check(const struct cli *cli)
{
	struct workload w = { 0 };
	int rc;

	rc = workload_open(cli, &w);
	if (!rc) {
		rc = config_print(w.config, stdout);
		print_sizes(&w);
		config_print_unused(w.config, stderr);
	}
	workload_close(&w);
	return rc;
}
