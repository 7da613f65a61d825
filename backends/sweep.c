#include "backends/sweep.h"

#include "backends/folder.h"
#include "backends/newfile.h"
#include "backends/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>

struct sweep {
	int root;
	const char *prefix; /* of targets */
	backend_sweep_fn wanted;
	void *arg;
	int64_t n;
};

/* See hide() of newfile.c. */
static bool is_being_written(int root, const char *path)
{
	AUTO_CLOSE int fd = openat(
		root, path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	return fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0 &&
	       errno == EWOULDBLOCK;
}

static int look_at(void *arg, const char *path, const struct object_info *info)
{
	AUTO_FREE char *target = NULL;
	struct sweep *s = arg;
	int rc;

	(void)info;
	rc = newfile_target(path, &target);
	if (rc || !target)
		return rc;
	if (strncmp(target, s->prefix, strlen(s->prefix)) != 0 ||
	    !s->wanted(s->arg, target) || is_being_written(s->root, path))
		return 0;
	if (unlinkat(s->root, path, 0) == 0)
		s->n++;
	else if (errno != ENOENT)
		return -errno;
	return 0;
}

/* While the folder of a target was not there yet, the temporary was in one of
 * those above it. */
int64_t sweep_files(int root, const char *prefix, backend_sweep_fn wanted,
		    void *arg)
{
	struct sweep s = { root, prefix, wanted, arg, 0 };
	AUTO_FREE char *folder = strdup(prefix);
	int rc;

	if (!folder)
		return -ENOMEM;
	rc = walk_temps(root, prefix, BACKEND_DEEP, look_at, &s);
	for (folder_go_up(folder); rc == 0 && *folder; folder_go_up(folder))
		rc = walk_temps(root, folder, BACKEND_SHALLOW, look_at, &s);
	return rc ? rc : s.n;
}
