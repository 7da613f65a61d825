#include "data/inventory.h"

#include "backends/backend.h"
#include "base/log.h"

#include <errno.h>
#include <string.h>

struct inventory {
	const struct dataset *dataset;
	struct backend *backend;
	_Atomic uint64_t *sizes; /* + 1, of encoded objects; 0: not there */
	_Atomic uint8_t bits[];	 /* of others: there in its right size */
};

static int found(void *arg, const char *name, const struct object_info *info)
{
	struct inventory *i = arg;
	uint64_t file;

	if (dataset_find(i->dataset, name, &file))
		return 0;
	if (i->sizes)
		i->sizes[file] = info->size + 1;
	else if (dataset_size(i->dataset, file) == info->size)
		i->bits[file / 8] |= (uint8_t)(1u << file % 8);
	return 0;
}

static int list_folder(struct crew *c, uint64_t folder, void *buffer)
{
	struct inventory *i = c->arg;
	char name[DATASET_MAX_NAME];
	int rc;

	(void)buffer;
	dataset_folder_name(i->dataset, folder, name);
	rc = backend_list(i->backend, name, BACKEND_SHALLOW, found, i);
	return rc ? log_fail(rc, "list %s/%s", i->backend->uri, name) : 0;
}

int inventory_new(const struct dataset *d, struct backend *b, unsigned threads,
		  const atomic_bool *stop, struct inventory **out)
{
	uint64_t n = dataset_objects(d);
	struct inventory *i = calloc(1, sizeof(*i) + n / 8 + 1);
	struct crew crew = { .stop = stop, .files_total = dataset_folders(d) };
	int rc = 0;

	if (!i)
		return -ENOMEM;
	i->dataset = d;
	i->backend = b;
	if (dataset_is_encoded(d)) {
		i->sizes = calloc(n + 1, sizeof(*i->sizes));
		rc = i->sizes ? 0 : -ENOMEM;
	}
	crew.threads = (unsigned)MIN((uint64_t)threads, crew.files_total);
	if (!rc && crew.files_total)
		rc = crew_run(&crew, list_folder, i);
	if (rc)
		inventory_free(i);
	else
		*out = i;
	return rc;
}

void inventory_free(struct inventory *i)
{
	if (i)
		free(i->sizes);
	free(i);
}

bool inventory_has(const struct inventory *i, uint64_t file)
{
	if (i->sizes)
		return i->sizes[file] &&
		       i->sizes[file] == dataset_size(i->dataset, file) + 1;
	return i->bits[file / 8] >> file % 8 & 1;
}
