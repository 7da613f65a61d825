#include "fuse/knobs.h"

#include "base/sysfile.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>

static int write_number(const char *path, uint64_t value)
{
	AUTO_CLOSE int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	return dprintf(fd, "%" PRIu64 "\n", value) < 0 ? -errno : 0;
}

static const char *reason(int rc, const char *missing)
{
	switch (rc) {
	case 0:
		return "the kernel took another value";
	case -EACCES:
	case -EPERM:
	case -EROFS:
		return "only root may change it";
	case -ENOENT:
		return missing;
	default:
		return "it could not be written";
	}
}

static void apply(struct mount_knob *k, const char *path, const char *missing)
{
	uint64_t now = 0;
	int rc = sysfile_number(path, &now);

	if (rc == 0 && k->wanted != 0 && now != k->wanted) {
		rc = write_number(path, k->wanted);
		if (sysfile_number(path, &now) < 0)
			now = 0;
	}
	k->effective = now;
	if (now == 0 || (k->wanted != 0 && now != k->wanted))
		k->why = reason(rc, missing);
}

/* What INIT asked for the kernel has taken, but from an ordinary user no more
 * than this limit (fs/fuse/inode.c, process_init_limits()).  That much is known
 * where fusectl is not there to look. */
static void limit(struct mount_knob *k, const char *path)
{
	uint64_t most = k->wanted;

	if (k->effective != 0 || k->wanted == 0)
		return;
	if (geteuid() != 0 && sysfile_number(path, &most) < 0)
		return;
	k->effective = MIN(k->wanted, most);
	k->why = k->effective < k->wanted ? "only root may have more" : NULL;
}

void knobs_apply(struct knobs *k, const struct mountpoint_info *mount,
		 const char *root, uint32_t read_ahead_kb,
		 uint32_t max_background)
{
	static const char *const files[KNOBS] = { "read_ahead_kb",
						  "max_background",
						  "congestion_threshold" };
	const uint32_t wanted[KNOBS] = { read_ahead_kb, max_background,
					 max_background / 4 * 3 };
	static const char *const limits[KNOBS] = { NULL, "max_user_bgreq",
						   "max_user_congthresh" };
	char path[PATH_MAX];

	for (size_t i = 0; i < KNOBS; i++) {
		struct mount_knob *knob = &k->knob[i];

		*knob = (struct mount_knob){ .name = files[i],
					     .wanted = wanted[i] };
		if (i == KNOBS_READ_AHEAD) {
			snprintf(path, sizeof(path), "%s/class/bdi/%u:%u/%s",
				 root, mount->major, mount->minor, files[i]);
			apply(knob, path, "sysfs does not have it");
			continue;
		}
		snprintf(path, sizeof(path), "%s/fs/fuse/connections/%u/%s",
			 root, mount->minor, files[i]);
		apply(knob, path, "fusectl is not mounted");
		snprintf(path, sizeof(path), "%s/module/fuse/parameters/%s",
			 root, limits[i]);
		limit(knob, path);
	}
}
