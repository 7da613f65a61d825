#include "fuse/space.h"

#include "backends/backend.h"
#include "base/log.h"
#include "fuse/branch.h"
#include "fuse/control.h"
#include "fuse/listing.h"
#include "fuse/space_inner.h"

#include <errno.h>
#include <time.h>

static bool is_branch(const struct mount_export *e)
{
	return e->writable || e->lazy;
}

static int check_exports(const struct mount_options *o)
{
	if (o->n_exports == 0 || o->n_exports > TREE_EXPORTS)
		return log_invalid("a mount shows 1 to %u stores, not %zu",
				   TREE_EXPORTS, o->n_exports);
	for (size_t i = 0; i < o->n_exports; i++)
		if (is_branch(&o->exports[i]) && *o->exports[i].path == '\0' &&
		    o->n_exports > 1)
			return log_invalid("a mount whose root is writable or "
					   "lazy shows nothing else");
	return 0;
}

static int add_branch(struct space *sp, unsigned export,
		      const struct mount_export *e, struct buffers *buffers)
{
	const struct branch_options options = {
		.uid = sp->uid,
		.gid = sp->gid,
		.read_only = !e->writable,
		.refresh_ns = e->writable ? 0 : e->refresh_ns,
	};
	int rc = branch_new(e->store, buffers, &options, &sp->branches[export]);

	if (rc < 0)
		return rc;
	sp->rules[export].writable = e->writable;
	sp->rules[export].timeout =
		e->writable || e->refresh_ns ? SPACE_SHORTLY : SPACE_FOR_EVER;
	if (*e->path == '\0') {
		sp->root_export = export;
		return 0;
	}
	rc = tree_add_graft(sp->tree, export, e->path);
	return rc < 0 ? log_fail(rc, "show a store at '%s'", e->path) : 0;
}

static int add_exports(struct space *sp, const struct mount_options *o,
		       struct buffers *buffers)
{
	for (unsigned i = 0; i < o->n_exports; i++) {
		const struct mount_export *e = &o->exports[i];
		int rc;

		sp->stores[i] = e->store;
		if (is_branch(e)) {
			rc = add_branch(sp, i, e, buffers);
		} else {
			rc = tree_add_export(sp->tree, i, e->path);
			if (rc < 0)
				log_fail(rc, "show a store at '%s'", e->path);
		}
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int fill(struct space *sp, const struct mount_options *o)
{
	if (o->fill)
		return o->fill(o->fill_arg, sp->tree);
	for (unsigned i = 0; i < o->n_exports; i++) {
		int rc;

		if (is_branch(&o->exports[i]))
			continue;
		rc = listing_add(sp->tree, i, o->exports[i].store,
				 o->io_threads);
		if (rc < 0)
			return log_fail(rc, "list %s",
					o->exports[i].store->uri);
	}
	return 0;
}

int space_new(const struct mount_options *o, struct buffers *buffers,
	      struct space **out)
{
	struct space *sp;
	struct timespec now;
	int rc = check_exports(o);

	if (rc < 0)
		return rc;
	sp = calloc(1, sizeof(*sp));
	if (!sp)
		return -ENOMEM;
	clock_gettime(CLOCK_REALTIME, &now);
	sp->mtime_ns = now.tv_sec * (int64_t)NS_PER_SEC + now.tv_nsec;
	sp->root_export = SPACE_NO_EXPORT;
	sp->blksize = o->blksize ? o->blksize : 4096;
	sp->uid = getuid();
	sp->gid = getgid();

	rc = tree_new(sp->mtime_ns, &sp->tree);
	if (rc == 0)
		rc = control_new(o->control, o->n_control, &sp->control);
	if (rc == 0)
		rc = add_exports(sp, o, buffers);
	if (rc == 0)
		rc = fill(sp, o);
	if (rc == 0)
		rc = tree_seal(sp->tree);
	if (rc < 0)
		goto fail;
	*out = sp;
	return 0;

fail:
	space_free(sp);
	return rc;
}
