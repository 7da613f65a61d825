#include "app/presence.h"

#include "app/discovery.h"
#include "app/serve.h"
#include "app/sources.h"
#include "base/log.h"
#include "data/manifest.h"

#include <errno.h>

/* through: the mount that is looked at, or NULL */
static int missing(const char *what, const char *through)
{
	if (through) {
		log_error("%s shows no %s dataset of this configuration; "
			  "mount it there with the same -c and settings",
			  through, what);
		return -ENOENT;
	}
	log_error("Not enough %s dataset is found; Please run the code with "
		  "++workload.workflow.generate_data=True",
		  what);
	return -ENOENT;
}

/* The first and the last of the files that are wanted. */
static int check_set(const struct dataset *d, struct backend *b,
		     enum dataset_split split, uint64_t count,
		     const char *through)
{
	const char *what = split == DATASET_TRAIN ? "training" : "evaluation";
	uint64_t first = dataset_first(d, split);
	char name[DATASET_MAX_NAME];
	struct object_info info;

	for (uint64_t i = 0; i < count; i += MAX(count - 1, 1)) {
		int rc;

		dataset_name(d, first + i, name);
		rc = backend_stat(b, name, &info);
		if (rc == -ENOENT) {
			log_error("%s/%s is not there", b->uri, name);
			return missing(what, through);
		}
		if (rc)
			return log_fail(rc, "look for %s/%s", b->uri, name);
	}
	return 0;
}

static int check_sets(const struct workload *w, struct backend *b,
		      const char *through)
{
	const struct config *c = w->config;
	int rc = check_set(w->dataset, b, DATASET_TRAIN,
			   c->dataset.num_files_train, through);

	if (!rc && c->workflow.evaluation)
		rc = check_set(w->dataset, b, DATASET_EVAL,
			       c->dataset.num_files_eval, through);
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
	rc = workload_open_data(w, false, &b);
	if (rc == -ENOENT && stores_folder(w->data_uri))
		return missing("training", NULL);
	if (rc)
		return rc;
	rc = discovery_run(w, b);
	if (!rc)
		rc = check_sets(w, b, NULL);
	if (!rc)
		rc = manifest_state(b, w->dataset, &state);
	*generated = state == MANIFEST_COMPLETE;
	if (!rc && *generated)
		rc = manifest_learn(b, w->dataset);
	backend_close(b);
	return rc;
}

int presence_check_through(struct workload *w, const char *mount)
{
	struct stores_options options = { .backend.mem_fd = -1 };
	char folder[SOURCES_PATH_MAX];
	struct backend *b;
	int rc = workload_need_dataset(w);

	if (!rc)
		rc = sources_folder_of_mount(mount, SERVE_DATA, folder);
	if (!rc)
		rc = stores_open(folder, &options, &b);
	if (rc)
		return rc;
	rc = discovery_run(w, b);
	if (!rc)
		rc = check_sets(w, b, mount);
	backend_close(b);
	return rc;
}
