#include "app/exports.h"

#include "app/discovery.h"
#include "app/mistaken.h"
#include "app/serve.h"
#include "app/stop.h"
#include "base/log.h"
#include "data/crew.h"
#include "data/manifest.h"
#include "fuse/listing.h"
#include "fuse/tree.h"

#include <errno.h>

/* Export numbers: the files that the tree holds are all of export 0. */
#define DATA 0

#define FOUND 1 /* ends a listing */

/* ---- The stores ---- */

static int add_export(struct exports *e, const char *path, bool writable,
		      struct backend *store)
{
	e->store[e->n] = store;
	e->export[e->n++] = (struct mount_export){ .path = path,
						   .store = store,
						   .writable = writable };
	return 0;
}

static int first_name(void *arg, const char *name,
		      const struct object_info *info)
{
	(void)arg;
	(void)name;
	(void)info;
	return FOUND;
}

/* A bucket that is not there, or not ours to see, shall be said now and not by
 * whoever looks into the mount.  FOUND: something is there; 0: nothing. */
static int look_at(struct backend *b)
{
	int rc;

	rc = backend_list(b, "", BACKEND_SHALLOW, first_name, NULL);
	return rc < 0 ? log_fail(rc, "list %s", b->uri) : rc;
}

/* What is to be written to may well be empty yet. */
static int look_into(struct exports *e, struct backend *b)
{
	int rc = look_at(b);

	if (rc)
		return MIN(rc, 0);
	rc = mistaken_check(e->uri, &e->workload->stores);
	if (!rc && !e->cli->writable)
		log_warn("%s: nothing is there (yet)", e->uri);
	return rc;
}

/* Begin a file and leave it: stores of files say whether that can be.  A server
 * is not asked before there is something to send. */
static int try_writing(struct backend *b, const char *instead)
{
	struct object *o;
	int rc = object_create(b, "dliofs.probe", &o);

	if (rc)
		return log_fail(rc, "%s cannot be written to; %s", b->uri,
				instead);
	object_close(o);
	return 0;
}

static bool has_manifest(struct backend *b)
{
	struct object_info info;

	return !backend_stat(b, MANIFEST_NAME, &info);
}

/* What a manifest lists need not be listed. */
static bool is_lazy(const struct exports *e, struct backend *b)
{
	enum config_listing how = e->workload->config->dliofs.mount.listing;

	if (how == CONFIG_LIST_AUTO)
		how = b->local ? CONFIG_LIST_ALL : CONFIG_LIST_LAZY;
	return how == CONFIG_LIST_LAZY && !has_manifest(b);
}

static int open_uri(struct exports *e)
{
	const struct config *c = e->workload->config;
	struct mount_export *x = &e->export[e->n];
	struct backend *b;
	int rc = stores_open(e->uri, &e->workload->stores, &b);

	if (!rc)
		rc = add_export(e, "", e->cli->writable, b);
	if (!rc && e->cli->writable)
		rc = try_writing(b, "mount it without --writable");
	if (!rc && !b->local)
		rc = look_into(e, b);
	if (rc)
		return rc;
	x->lazy = !x->writable && is_lazy(e, b);
	x->refresh_ns =
		(uint64_t)(c->dliofs.mount.refresh * (double)NS_PER_SEC);
	return 0;
}

static int find_size(struct crew *c, uint64_t object, void *buffer)
{
	const struct dataset *d = c->arg;

	(void)buffer;
	return dataset_size(d, object) ? 0 : -ENOMEM;
}

/* The tree wants the sizes of all files, and one thread would make them one
 * after the other. */
static int find_sizes(const struct dataset *d)
{
	struct crew crew = { .files_total = dataset_objects(d),
			     .stop = stop_flag() };
	uintptr_t arg = (uintptr_t)d; /* const again in find_size() */

	if (!dataset_is_encoded(d))
		return 0;
	return crew_run(&crew, find_size, (void *)arg);
}

/* Names are computed, and would show whether or not anything is there. */
static void warn_of_missing(const struct exports *e, struct backend *b)
{
	const struct dataset *d = e->workload->dataset;
	char name[DATASET_MAX_NAME];
	struct object_info info;

	if (e->cli->is_private || !dataset_files(d))
		return; /* who trains there has looked */
	dataset_name(d, 0, name);
	if (backend_stat(b, name, &info) == -ENOENT)
		log_warn("%s/%s is not there (yet), though the mount shows it; "
			 "generate with the same -c and settings",
			 b->uri, name);
}

/* Sizes of encoded files are ours only if we wrote them; and if we did, the
 * manifest says them. */
static int find_data(struct exports *e, struct backend *b)
{
	enum manifest_state state = MANIFEST_NONE;
	int rc = discovery_run(e->workload, b);

	if (!rc)
		warn_of_missing(e, b);
	if (rc || !dataset_is_encoded(e->workload->dataset))
		return rc;
	rc = manifest_state(b, e->workload->dataset, &state);
	if (!rc && state == MANIFEST_COMPLETE)
		return manifest_learn(b, e->workload->dataset);
	e->foreign = true;
	return rc;
}

static int open_data(struct exports *e)
{
	struct backend *b;
	int rc;

	rc = workload_need_dataset(e->workload);
	if (!rc)
		rc = workload_open_data(e->workload, false, &b);
	if (!rc)
		rc = add_export(e, SERVE_DATA, false, b);
	if (rc)
		return rc;
	return stores_is_synth(e->workload->data_uri) ?
		       find_sizes(e->workload->dataset) :
		       find_data(e, b);
}

static int open_checkpoints(struct exports *e)
{
	const struct config *c = e->workload->config;
	struct backend *b;
	int rc = workload_open_checkpoints(e->workload, &b);

	if (!rc)
		rc = add_export(e, SERVE_CHECKPOINTS, true, b);
	if (!rc && c->checkpoint.num_checkpoints_write)
		rc = try_writing(b, "set another checkpoint.checkpoint_folder, "
				    "or workflow.checkpoint=False");
	if (!rc && !b->local)
		rc = look_at(b);
	return MIN(rc, 0);
}

/* A run of checkpoints only has no data. */
static int open_workload(struct exports *e)
{
	const struct config *c = e->workload->config;
	int rc = 0;

	e->has_data = c->workflow.train || !c->workflow.checkpoint;
	if (e->has_data)
		rc = open_data(e);
	if (!rc && c->workflow.checkpoint)
		rc = open_checkpoints(e);
	return rc;
}

int exports_open(struct exports *e)
{
	return e->uri ? open_uri(e) : open_workload(e);
}

void exports_close(struct exports *e)
{
	for (size_t i = 0; i < e->n; i++)
		backend_close(e->store[i]);
	e->n = 0;
}

/* ---- The tree ---- */

static int fill_folders(struct tree *t)
{
	int rc = 0;

	for (int split = 0; split < DATASET_SPLITS && !rc; split++)
		rc = tree_add_folder(t, DATA,
				     dataset_folder((enum dataset_split)split));
	return rc;
}

static int fill_from_dataset(const struct dataset *d, struct tree *t)
{
	char name[DATASET_MAX_NAME];
	int rc = fill_folders(t);

	if (rc)
		return rc;
	for (uint64_t file = 0; file < dataset_objects(d); file++) {
		dataset_name(d, file, name);
		rc = tree_add_file(t, DATA, name, dataset_size(d, file), 0);
		if (rc)
			return rc;
	}
	return 0;
}

static int fill_line(void *arg, const char *name, uint64_t size, uint32_t crc32)
{
	(void)crc32;
	return tree_add_file(arg, DATA, name, size, 0);
}

static int fill_by_listing(struct exports *e, struct tree *t, const char *uri)
{
	const struct config *c = e->workload->config;
	int rc = listing_add(t, DATA, e->store[DATA],
			     (unsigned)c->dliofs.backend.threads);

	return rc ? log_fail(rc, "list %s", uri) : 0;
}

int exports_fill(void *arg, struct tree *t)
{
	struct exports *e = arg;
	int rc;

	if (!e->uri && !e->has_data)
		return 0;
	if (!e->uri && e->foreign)
		return fill_by_listing(e, t, e->workload->data_uri);
	if (!e->uri)
		return fill_from_dataset(e->workload->dataset, t);
	if (e->export[DATA].writable || e->export[DATA].lazy)
		return 0; /* the mount lists */
	rc = manifest_read(e->store[DATA], fill_line, t);
	if (rc == -ENOENT)
		return fill_by_listing(e, t, e->uri);
	return rc ? rc : fill_folders(t);
}
