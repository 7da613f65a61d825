/* Where the trainer's bytes come from: the only seam between the trainer and
 * the rest.
 *
 * Through a mount, and natively on a file system, the source is
 * source_posix_new(): open, pread, close, as any program does.  For the
 * baseline without a mount on stores that are not file systems, app fills in
 * another.  The trainer knows no third way, and it can see neither backends nor
 * fuse.
 *
 * Names are relative: "train/img_00_of_64.npz", "global_epoch1_step4/…".
 * Functions return 0 or a count, or a negative errno, and log nothing: the
 * caller knows what it was for.  Any number of threads may use a source; a
 * file opened for reading may be read by many, a created one belongs to one
 * thread. */
#ifndef TRAIN_SOURCE_H
#define TRAIN_SOURCE_H

#include "base/util.h"

#include <stdatomic.h>
#include <sys/types.h>

struct source;

struct source_file {
	struct source *source;
	uint64_t size;	  /* when reading */
	uint32_t blksize; /* st_blksize: what buffered readers read in */

	/* For whoever opened it to set: once it is true, reads are -ECANCELED.
	 * NULL: never. */
	const atomic_bool *stop;
};

#define SOURCE_DIRECT 1u  /* open: O_DIRECT */
#define SOURCE_DURABLE 1u /* commit: fsync before it returns */

/* All slots are required. */
struct source_ops {
	int (*open)(struct source *s, const char *name, unsigned flags,
		    struct source_file **out);
	ssize_t (*read)(struct source_file *f, void *buf, size_t len,
			uint64_t offset);
	void (*close)(struct source_file *f);
	int (*create)(struct source *s, const char *name,
		      struct source_file **out);
	int (*append)(struct source_file *f, const void *buf, size_t len);
	int (*commit)(struct source_file *f, unsigned flags);
	int (*count)(struct source *s, const char *folder, uint64_t *out);
	int (*drop)(struct source *s, const char *name);
	int (*map)(struct source_file *f, const void **out);
	void (*free)(struct source *s);
};

struct source {
	const struct source_ops *ops;
	char *place; /* or NULL */
};

void source_free(struct source *s); /* NULL is fine */

/* What the names are below, for messages: "/data/unet3d/", "s3://bucket/"; "" if
 * nobody has said, or there is no source.  It is said without the slash. */
const char *source_place(const struct source *s);
int source_set_place(struct source *s, const char *place) MUST_USE;

int source_open(struct source *s, const char *name, unsigned flags,
		struct source_file **out) MUST_USE;

/* Short at the end of the file, and where the system takes no more at once (a
 * read of Linux moves at most 2 GiB). */
ssize_t source_read(struct source_file *f, void *buf, size_t len,
		    uint64_t offset);

/* By as many reads as it takes: short only at the end of the file, which a read
 * that gives nothing has shown. */
ssize_t source_read_all(struct source_file *f, void *buf, size_t len,
			uint64_t offset);

/* Also discards a file created and not committed.  NULL is fine. */
void source_close(struct source_file *f);

/* Begin a file, empty, in place of what had its name.  Folders are made. */
int source_create(struct source *s, const char *name,
		  struct source_file **out) MUST_USE;
int source_append(struct source_file *f, const void *buf, size_t len) MUST_USE;

/* The file is whole: nothing can be appended after.  A store that keeps
 * objects stores it now, so this is where its failure shows. */
int source_commit(struct source_file *f, unsigned flags) MUST_USE;

/* Number of names in a folder ("" is the source's own).  -ENOENT if there is no
 * such folder. */
int source_count(struct source *s, const char *folder, uint64_t *out) MUST_USE;

/* Forget what the page cache holds of this file.  0 if the source has no
 * cache. */
int source_drop(struct source *s, const char *name) MUST_USE;

/* Map a file that was opened for reading and is not empty: shared, read only,
 * until source_unmap(), also when it is closed.  -ENODEV: there are no files
 * behind this source, or none that can be mapped. */
int source_map(struct source_file *f, const void **out) MUST_USE;
void source_unmap(const void *data, uint64_t len); /* NULL is fine */

#endif
