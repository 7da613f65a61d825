#include "backends/alignment.h"

#include "base/sysfile.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

/* The logical block size of a device, or 0.  A partition has no queue of its
 * own, the disk around it has. */
static uint32_t block_size(dev_t device)
{
	static const char *const where[] = { "queue", "../queue" };

	for (size_t i = 0; i < ARRAY_SIZE(where); i++) {
		char path[128];
		uint64_t size;

		snprintf(path, sizeof(path),
			 "/sys/dev/block/%u:%u/%s/logical_block_size",
			 major(device), minor(device), where[i]);
		if (sysfile_number(path, &size) == 0)
			return (uint32_t)size;
	}
	return 0;
}

struct alignment alignment_of_device(dev_t device)
{
	uint32_t size = block_size(device);

	if (!size)
		size = ALIGNMENT_DEFAULT;
	return (struct alignment){ size, size };
}

int alignment_of_file(int fd, struct alignment *out)
{
	struct statx st;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_DIOALIGN | STATX_BASIC_STATS,
		  &st) < 0)
		return -errno;
	if (!(st.stx_mask & STATX_DIOALIGN)) {
		*out = alignment_of_device(
			makedev(st.stx_dev_major, st.stx_dev_minor));
		return 0;
	}
	if (!st.stx_dio_mem_align || !st.stx_dio_offset_align)
		return -EOPNOTSUPP;
	*out = (struct alignment){ st.stx_dio_mem_align,
				   st.stx_dio_offset_align };
	return 0;
}

bool alignment_fits(const struct alignment *a, const void *buf, uint64_t offset)
{
	return (uintptr_t)buf % a->mem == 0 && offset % a->file == 0;
}
