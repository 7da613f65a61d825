#include "fuse/later.h"

#include "base/pool.h"
#include "fuse/branch.h"
#include "fuse/server.h"
#include "fuse/space.h"
#include "fuse/watch.h"

#include <errno.h>
#include <string.h>

struct later {
	struct pool_job job;
	struct branch_wait wait;
	struct call call;
	struct space_place place;
	fuse_ino_t folder;
	struct fuse_file_info fi;
	later_fn fn;
	_Atomic unsigned holds; /* until it is answered, and has fetched */
	bool has_name, has_fi;
	char name[];
};

static void drop(struct later *l)
{
	if (--l->holds == 0)
		free(l);
}

static void ready(struct branch_wait *w, int rc)
{
	struct later *l = CONTAINER_OF(w, struct later, wait);

	if (watch_claim(&l->call)) {
		if (rc < 0)
			call_status(&l->call, rc);
		else
			l->fn(&l->call, l->folder, l->has_name ? l->name : NULL,
			      l->has_fi ? &l->fi : NULL);
	}
	drop(l);
}

static void fetch(struct pool_job *job)
{
	struct later *l = CONTAINER_OF(job, struct later, job);

	branch_fetch(l->place.branch, l->place.number);
	drop(l);
}

void later_do(const struct call *c, fuse_ino_t folder, const char *name,
	      const struct fuse_file_info *fi, later_fn fn)
{
	size_t size = name ? strlen(name) + 1 : 0;
	struct later *l = malloc(sizeof(*l) + size);

	if (!l) {
		call_status(c, -ENOMEM);
		return;
	}
	*l = (struct later){ .job.run = fetch,
			     .wait.ready = ready,
			     .call = *c,
			     .place = space_place(c->server->space, folder),
			     .folder = folder,
			     .fn = fn,
			     .holds = 2,
			     .has_name = name,
			     .has_fi = fi };
	if (name)
		memcpy(l->name, name, size);
	if (fi)
		l->fi = *fi;
	watch_call(&l->call);
	switch (branch_fetch_join(l->place.branch, l->place.number, &l->wait)) {
	case BRANCH_LISTED:
		ready(&l->wait, 0);
		drop(l);
		break;
	case BRANCH_BEING_LISTED:
		drop(l); /* it may have been answered already */
		break;
	case BRANCH_UNLISTED:
		pool_submit(c->server->pool, &l->job);
		break;
	}
}
