#include "app/caches.h"

#include "train/source_posix.h"

#include <errno.h>
#include <fcntl.h>

/* Written back first, for only clean pages can be dropped. */
static int drop_all(void)
{
	AUTO_CLOSE int fd =
		open("/proc/sys/vm/drop_caches", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	sync();
	return write(fd, "3", 1) == 1 ? 0 : -errno;
}

/* What cannot be dropped stays, and shows in the bytes that the store
 * delivers fast. */
static void drop_files(const struct dataset *d, const char *folder)
{
	char name[DATASET_MAX_NAME];
	struct source *s;

	if (source_posix_new(folder, false, &s))
		return;
	for (uint64_t file = 0; file < dataset_objects(d); file++) {
		dataset_name(d, file, name);
		(void)!s->ops->drop(s, name);
	}
	source_free(s);
}

int caches_drop(const struct workload *w)
{
	const char *folder = stores_path(w->data_uri);

	if (!drop_all())
		return 0;
	if (w->dataset && folder)
		drop_files(w->dataset, folder);
	return -EPERM;
}
