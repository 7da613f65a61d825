#include "fuse/space.h"

#include "fuse/branch.h"

#include <errno.h>
#include <string.h>

/* What a lookup in a folder has given must be forgotten; what the tree has
 * given cannot be. */
static void let_go(const struct space *sp, uint64_t folder, uint64_t ino)
{
	if (space_place(sp, folder).branch)
		space_forget(sp, ino, 1);
}

/* One step down from a folder that is held by its parent, or is the root. */
static int step(const struct space *sp, uint64_t folder, const char *name,
		uint64_t *out)
{
	struct space_entry e = { 0 };
	int rc;

	if (strcmp(name, "..") == 0)
		return -EINVAL;
	if (!space_is_listed(sp, folder, name))
		return -EAGAIN;
	rc = space_lookup(sp, folder, name, &e);
	*out = e.st.st_ino;
	return rc;
}

int space_find(const struct space *sp, const char *path,
	       struct space_object *out)
{
	uint64_t parent = 0, at = SPACE_ROOT;
	int rc = *path == '/' ? -EINVAL : 0;
	char copy[PATH_MAX], *rest = copy, *name;

	if (strlen(path) >= sizeof(copy))
		return -ENAMETOOLONG;
	memcpy(copy, path, strlen(path) + 1);
	while (rc == 0 && (name = strsep(&rest, "/"))) {
		uint64_t next = 0;

		if (*name == '\0' || strcmp(name, ".") == 0)
			continue;
		rc = step(sp, at, name, &next);
		if (rc < 0)
			break;
		if (parent)
			let_go(sp, parent, at);
		parent = at;
		at = next;
	}
	if (rc == 0)
		rc = space_object(sp, at, out);
	if (parent)
		let_go(sp, parent, at);
	return rc;
}
