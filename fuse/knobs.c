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

void knobs_apply(struct knobs *k, const struct mountpoint_info *mount,
		 const char *root, uint32_t read_ahead_kb,
		 uint32_t max_background)
{
	static const char *const files[KNOBS] = { "read_ahead_kb",
						  "max_background",
						  "congestion_threshold" };
	const uint32_t wanted[KNOBS] = { read_ahead_kb, max_background,
					 max_background / 4 * 3 };
	char path[PATH_MAX];

	for (size_t i = 0; i < KNOBS; i++) {
		struct mount_knob *knob = &k->knob[i];

		*knob = (struct mount_knob){ .name = files[i],
					     .wanted = wanted[i] };
		if (i == KNOBS_READ_AHEAD)
			snprintf(path, sizeof(path), "%s/class/bdi/%u:%u/%s",
				 root, mount->major, mount->minor, files[i]);
		else
			snprintf(path, sizeof(path),
				 "%s/fs/fuse/connections/%u/%s", root,
				 mount->minor, files[i]);
		apply(knob, path,
		      i == KNOBS_READ_AHEAD ? "sysfs does not have it" :
					      "fusectl is not mounted");
	}
}
