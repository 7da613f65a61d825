/* A mount: stores shown as one file system, served by this process.
 *
 * mount_open() builds the tree, clears what a dead server left at the mount
 * point, mounts, and returns when the kernel's first request has been
 * answered: from then on the mount works.  mount_serve() keeps it so until
 * somebody unmounts or a signal ends it.  All requests are handled by threads
 * of the mount.
 *
 * The process that serves a mount must never look into it: it would wait for
 * itself.  It should do nothing else, be spawned for the purpose, and call
 * mount_open() from its first thread before it has others: the signals below
 * are blocked there, so that every thread inherits that.
 *
 * An export is immutable: what is in the tree at mount_open() is what will be
 * seen.  Or it is lazy: its folders are listed when they are first looked into.
 * A writable one (checkpoints) is lazy and changes through the mount only;
 * branch.h says how it differs from a disk.
 *
 * The I/O mode here is `fuse`: every byte goes through this process. */
#ifndef FUSE_MOUNT_H
#define FUSE_MOUNT_H

#include "base/util.h"

struct backend;
struct mount;
struct recorder;
struct tree;

/* What the kernel's page cache keeps of immutable files. */
enum mount_cache {
	MOUNT_WARM,   /* all it likes, from one open to the next */
	MOUNT_COLD,   /* nothing from before an open: each open reads again */
	MOUNT_DIRECT, /* nothing at all */
};

struct mount_export {
	const char *path; /* inside the mount: "" (its root), "data", "a/b" */
	struct backend *store; /* the caller's, closed after mount_close() */
	bool writable;
	bool lazy;	     /* list each folder when it is looked into */
	uint64_t refresh_ns; /* lazy and not writable: and again when the
			      * listing is so old; 0: never */
};

/* A file DIR/.dliofs/NAME, which no listing of DIR shows.  Its text is made
 * anew at each open(), on a thread of the mount. */
struct mount_file {
	const char *name;
	void (*render)(void *arg, FILE *out);
	void *arg;
};

/* Everything not said is zero, and zero means what the comment says.  Strings
 * and arrays are the caller's and are needed only by mount_open(). */
struct mount_options {
	const char *mountpoint;
	const char *fsname; /* what df shows, "s3://bucket/data"; "dliofs" */

	const struct mount_export *exports;
	size_t n_exports; /* at most TREE_EXPORTS */

	/* Add the files of the immutable exports, with
	 * tree_add_file(); NULL: list their stores.  Their folders are there;
	 * an export's number is its place in exports. */
	int (*fill)(void *arg, struct tree *t);
	void *fill_arg;

	enum mount_cache cache;
	uint32_t blksize;	 /* st_blksize; 4096 */
	uint32_t read_ahead_kb;	 /* root only; 0: the kernel's */
	uint32_t max_background; /* 0: twice the CPUs, 64 … 256 */
	unsigned fuse_threads;	 /* at most; 0: twice the CPUs, 4 … 64 */
	unsigned io_threads;	 /* calls of stores at a time; 0: 16 */
	uint64_t memory; /* bytes, for blocks of stores on a network; 0: a
			  * quarter of what memlimit.h says there is */
	unsigned drain_seconds; /* how long a signal waits for users; 5 */
	bool allow_other;	/* other users may use it */

	struct recorder *recorder; /* level REC_FUSE; NULL: none */
	const struct mount_file *control;
	size_t n_control;

	/* What the stores were told to look at (remote.h): set when the mount
	 * waits for them no more.  NULL: no store would look. */
	_Atomic bool *stop;

	/* On SIGUSR1, on the thread in mount_serve(). */
	void (*dump)(void *arg);
	void *dump_arg;
};

/* A setting of the kernel's that may need root. */
struct mount_knob {
	const char *name;   /* "read_ahead_kb" */
	uint64_t wanted;    /* 0: whatever it was */
	uint64_t effective; /* 0: not known */
	const char *why; /* it differs, or is not known; NULL: no reason needed */
};

/* Mount.  -EALREADY: the same fsname is mounted and alive there; -EBUSY:
 * something else is, or the folder is not empty.  Failures are logged. */
int mount_open(const struct mount_options *options,
	       struct mount **out) MUST_USE;

/* The knobs and how they ended; their number.  Until mount_close(). */
size_t mount_knobs(const struct mount *m, const struct mount_knob **out);

/* Wait for the end: 0 when it was unmounted and every request answered.
 *
 * SIGTERM, SIGINT or SIGHUP unmounts.  If files are in use, the mount
 * disappears from the tree at once, those who use it may go on for
 * drain_seconds, and then get ENOTCONN; the result is -EBUSY.  A second signal
 * does not wait.
 * Calls of a store that do not come back within drain_seconds are made to, if
 * the store looks at stop: -EIO, for what was asked of it is lost.
 * -ETIMEDOUT: they did not even then; neither mount_close() nor the stores'
 * closing would, so the process should end with _exit(). */
int mount_serve(struct mount *m) MUST_USE;

/* Unmounts if need be.  What users had begun to write when they were cut off
 * leaves no trace, if the stores can see to that in a second or two.  NULL is
 * fine. */
void mount_close(struct mount *m);

/* The version of libfuse that this program runs with: "3.18.3". */
const char *mount_library(void);

#endif
