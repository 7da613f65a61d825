/* What O_DIRECT wants aligned.  The file system says it for a file (statx(2),
 * STATX_DIOALIGN, Linux 6.1); or else it is the logical block size of the
 * device, from sysfs; or else what is enough for any.  Any thread. */
#ifndef BACKENDS_ALIGNMENT_H
#define BACKENDS_ALIGNMENT_H

#include "base/util.h"

#include <sys/types.h>

#define ALIGNMENT_DEFAULT 4096u

/* As much as is rather copied than moved with an I/O of its own: a disk's
 * latency and a copy of so much are of one size. */
#define ALIGNMENT_COPIED (256 * KIB)

/* What must be multiples of what.  1, 1 for buffered I/O. */
struct alignment {
	uint32_t mem;  /* addresses */
	uint32_t file; /* offsets and lengths */
};

struct alignment alignment_of_device(dev_t device);

/* -EOPNOTSUPP: it took O_DIRECT at open(2), but cannot do it. */
int alignment_of_file(int fd, struct alignment *out) MUST_USE;

bool alignment_fits(const struct alignment *a, const void *buf,
		    uint64_t offset);

#endif
