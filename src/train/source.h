/* Where the trainer's bytes come from: the only seam between the trainer and
 * the rest.
 *
 * Through a mount, and natively on a file system, the source is posix_source():
 * open, pread, close, as any program does.  For the baseline without a mount
 * on stores that are not file systems, app fills in another.  The trainer
 * knows no third way, and it can see neither backends nor fuse.
 *
 * Names are relative: "train/img_00_of_64.npz", "global_epoch1_step4/…".
 * Functions return 0 or a count, or a negative errno.  Any number of threads
 * may use a source; a file opened for reading may be read by many. */
#ifndef TRAIN_SOURCE_H
#define TRAIN_SOURCE_H

#include "base/util.h"
#include <sys/types.h>

struct source;

struct source_file {
	struct source *source;
	uint64_t size;	  /* when reading */
	uint32_t blksize; /* st_blksize: what buffered readers read in */
};

#define SOURCE_DIRECT 1u  /* open: O_DIRECT */
#define SOURCE_DURABLE 1u /* commit: fsync before it returns */

struct source_ops {
	int (*open)(struct source *s, const char *name, unsigned flags,
		    struct source_file **out);
	ssize_t (*read)(struct source_file *f, void *buf, size_t len,
			uint64_t offset);

	/* Also discards a file created and not committed. */
	void (*close)(struct source_file *f);

	int (*create)(struct source *s, const char *name,
		      struct source_file **out);
	int (*append)(struct source_file *f, const void *buf, size_t len);
	int (*commit)(struct source_file *f, unsigned flags);

	/* Count of names in a folder; for "are there enough checkpoints". */
	int (*count)(struct source *s, const char *folder, uint64_t *out);

	/* Forget what the page cache holds of this file.  0 if the source has
	 * no cache. */
	int (*drop)(struct source *s, const char *name);

	void (*free)(struct source *s);
};

struct source {
	const struct source_ops *ops;
};

#endif
