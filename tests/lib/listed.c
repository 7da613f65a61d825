#include "lib/listed.h"

#include <errno.h>

struct result {
	struct branch_wait wait;
	int rc;
};

static void note(struct branch_wait *w, int rc)
{
	CONTAINER_OF(w, struct result, wait)->rc = rc;
}

int listed_now(struct branch *b, uint64_t folder)
{
	struct result r = { .wait.ready = note };

	if (branch_fetch_join(b, folder, &r.wait) == BRANCH_UNLISTED)
		branch_fetch(b, folder);
	return r.rc;
}

int listed_branch(struct backend *store, struct buffers *buffers,
		  struct branch **out)
{
	const struct branch_options options = { .uid = 7, .gid = 8 };
	int rc = branch_new(store, buffers, &options, out);

	return rc ? rc : listed_now(*out, BRANCH_ROOT);
}

int listed_lookup(struct branch *b, uint64_t folder, const char *name,
		  struct branch_attr *out)
{
	int rc = branch_lookup(b, folder, name, out);

	if (rc == -EAGAIN)
		rc = listed_now(b, folder);
	else
		return rc;
	return rc ? rc : branch_lookup(b, folder, name, out);
}
