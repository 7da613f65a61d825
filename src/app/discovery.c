#include "app/discovery.h"

#include "base/log.h"

#include <errno.h>
#include <string.h>

#define FOUND 1 /* ends a listing */

struct discovery {
	const struct workload *workload;
	enum dataset_split split;
	uint64_t files[DATASET_SPLITS];
};

/* The number in "…_of_NUMBER.format"; 0: there is none, or it is no number of
 * files. */
static uint64_t number_in(const char *name)
{
	const char *last = strrchr(name, '_');
	uint64_t number;

	if (!last || last - name < 3 || strncmp(last - 3, "_of_", 4) != 0)
		return 0;
	number = strtoull(last + 1, NULL, 10);
	return number <= DATASET_MAX_FILES ? number : 0;
}

/* Is that a name in a dataset that has so many files? */
static int try_number(struct discovery *d, const char *name, uint64_t number)
{
	uint64_t files[DATASET_SPLITS] = { 0 }, file;
	struct dataset *dataset;
	int rc;

	files[d->split] = number;
	rc = workload_make_dataset(d->workload->config, files, &dataset);
	if (rc)
		return rc;
	rc = dataset_find(dataset, name, &file);
	dataset_free(dataset);
	if (rc)
		return 0;
	d->files[d->split] = number;
	return FOUND;
}

static int look_at(void *arg, const char *name, const struct object_info *info)
{
	struct discovery *d = arg;
	uint64_t number = number_in(name);

	(void)info;
	/* What is not more than wanted is of no use. */
	return number > d->files[d->split] ? try_number(d, name, number) : 0;
}

static int discover(struct discovery *d, struct backend *b)
{
	const struct dataset *dataset = d->workload->dataset;
	char name[DATASET_MAX_NAME], folder[16];
	struct object_info info;
	int rc;

	if (!d->files[d->split])
		return 0;
	dataset_name(dataset, dataset_first(dataset, d->split), name);
	if (!backend_stat(b, name, &info))
		return 0;
	snprintf(folder, sizeof(folder), "%s/", dataset_folder(d->split));
	rc = backend_list(b, folder, BACKEND_DEEP, look_at, d);
	if (rc < 0)
		return log_fail(rc, "list %s/%s", b->uri, folder);
	return rc;
}

int discovery_run(struct workload *w, struct backend *b)
{
	struct discovery d = { .workload = w };
	bool found = false;

	for (int split = 0; split < DATASET_SPLITS; split++)
		d.files[split] =
			dataset_count(w->dataset, (enum dataset_split)split);
	for (int split = 0; split < DATASET_SPLITS; split++) {
		int rc;

		d.split = (enum dataset_split)split;
		rc = discover(&d, b);
		if (rc < 0)
			return rc;
		found = found || rc == FOUND;
	}
	return found ? workload_resize(w, d.files) : 0;
}
