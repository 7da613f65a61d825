#include "app/commands.h"
#include "app/workload.h"
#include "base/log.h"
#include "base/text.h"

#include <inttypes.h>

/* What the dataset comes to, as comments so that the output stays YAML. */
static void print_sizes(const struct workload *w)
{
	char size[TEXT_SIZE];

	printf("# data: %s\n# checkpoints: %s\n", w->data_uri,
	       w->checkpoint_uri);
	if (!w->dataset)
		return;
	text_size(size, dataset_bytes(w->dataset));
	printf("# dataset: %" PRIu64 " files, %" PRIu64 " bytes (%s)\n",
	       dataset_files(w->dataset), dataset_bytes(w->dataset), size);
}

int cmd_check(const struct cli *cli)
{
	struct workload w = { 0 };
	int rc;

	rc = workload_open(cli, &w);
	if (!rc) {
		rc = config_print(w.config, stdout);
		print_sizes(&w);
		config_print_unused(w.config, false, stderr);
	}
	workload_close(&w);
	return rc;
}
