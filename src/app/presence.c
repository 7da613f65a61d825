#include "app/presence.h"

#include "app/discovery.h"
#include "base/log.h"
#include "data/manifest.h"

#include <errno.h>

static int missing(const char *what)
{
	log_error("Not enough %s dataset is found; Please run the code with "
		  "++workload.workflow.generate_data=True",
		  what);
	return -ENOENT;
}

/* The first and the last of the files that are wanted. */
static int check_set(const struct dataset *d, struct backend *b,
		     enum dataset_split split, uint64_t count, const char *what)
{
	uint64_t first = dataset_first(d, split);
	char name[DATASET_MAX_NAME];
	struct object_info info;

	for (uint64_t i = 0; i < count; i += MAX(count - 1, 1)) {
		int rc;

		dataset_name(d, first + i, name);
		rc = backend_stat(b, name, &info);
		if (rc == -ENOENT) {
			log_error("%s/%s is not there", b->uri, name);
			return missing(what);
		}
		if (rc)
			return log_fail(rc, "look for %s/%s", b->uri, name);
	}
	return 0;
}

static int check_sets(const struct workload *w, struct backend *b)
{
	const struct config *c = w->config;
	int rc = check_set(w->dataset, b, DATASET_TRAIN,
			   c->dataset.num_files_train, "training");

	if (!rc && c->workflow.evaluation)
		rc = check_set(w->dataset, b, DATASET_EVAL,
			       c->dataset.num_files_eval, "evaluation");
	return rc;
}

int presence_check(struct workload *w, bool *generated)
{
	enum manifest_state state = MANIFEST_NONE;
	struct backend *b;
	int rc;

	*generated = stores_is_synth(w->data_uri);
	rc = workload_need_dataset(w);
	if (rc || *generated)
		return rc;
	if (workload_open_data(w, false, &b))
		return missing("training");
	rc = discovery_run(w, b);
	if (!rc)
		rc = check_sets(w, b);
	if (!rc)
		rc = manifest_state(b, w->dataset, &state);
	*generated = state == MANIFEST_COMPLETE;
	if (!rc && *generated)
		rc = manifest_learn(b, w->dataset);
	backend_close(b);
	return rc;
}
