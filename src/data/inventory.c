#include "data/inventory.h"

#include "backends/backend.h"
#include "base/log.h"

#include <errno.h>
#include <string.h>

struct inventory {
	const struct dataset *dataset;
	struct backend *backend;
	_Atomic uint8_t bits[];
};

static int found(void *arg, const char *name, const struct object_info *info)
{
	struct inventory *i = arg;
	uint64_t file;

	if (!dataset_find(i->dataset, name, &file) &&
	    dataset_size(i->dataset, file) == info->size)
		i->bits[file / 8] |= (uint8_t)(1u << file % 8);
	return 0;
}

/* How many folders a split's files are in. */
static uint64_t folders(const struct dataset *d, enum dataset_split split)
{
	return MIN(dataset_folders(d, split), dataset_count(d, split));
}

/* Files go round the folders, so the first ones name them. */
static void folder_name(const struct dataset *d, uint64_t folder,
			char name[DATASET_MAX_NAME])
{
	int split = DATASET_TRAIN;

	while (folder >= folders(d, (enum dataset_split)split)) {
		folder -= folders(d, (enum dataset_split)split);
		split++;
	}
	dataset_name(d, dataset_first(d, (enum dataset_split)split) + folder,
		     name);
	strrchr(name, '/')[1] = '\0';
}

static int list_folder(struct crew *c, uint64_t folder, void *buffer)
{
	struct inventory *i = c->arg;
	char name[DATASET_MAX_NAME];
	int rc;

	(void)buffer;
	folder_name(i->dataset, folder, name);
	rc = backend_list(i->backend, name, BACKEND_SHALLOW, found, i);
	return rc ? log_fail(rc, "list %s/%s", i->backend->uri, name) : 0;
}

int inventory_new(const struct dataset *d, struct backend *b, unsigned threads,
		  const atomic_bool *stop, struct inventory **out)
{
	struct inventory *i = calloc(1, sizeof(*i) + dataset_files(d) / 8 + 1);
	struct crew crew = { .stop = stop };
	int rc;

	if (!i)
		return -ENOMEM;
	i->dataset = d;
	i->backend = b;
	for (int split = 0; split < DATASET_SPLITS; split++)
		crew.files_total += folders(d, (enum dataset_split)split);
	crew.threads = (unsigned)MIN((uint64_t)threads, crew.files_total);
	rc = crew.files_total ? crew_run(&crew, list_folder, i) : 0;
	if (rc)
		free(i);
	else
		*out = i;
	return rc;
}

void inventory_free(struct inventory *i)
{
	free(i);
}

bool inventory_has(const struct inventory *i, uint64_t file)
{
	return i->bits[file / 8] >> file % 8 & 1;
}
