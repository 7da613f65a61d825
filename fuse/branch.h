/* A branch of a mount over a store, which is listed folder by folder as they
 * are looked into: writable, for checkpoints, or only to be read.
 *
 * Files are objects: written once, front to back (writer.h), visible at commit.
 * Folders, modes, owners and times are kept in memory only; folders that the
 * store does not imply are forgotten with the mount.  Replacing a file, with
 * O_TRUNC or rename(), replaces it at once: until then the store has the old
 * one, and after a failure still.  A rename of a file that is being written
 * takes effect at commit.  Folders are renamed object by object; while files
 * below one are being written, that is -EBUSY.
 *
 * What a folder has is known once it has been listed; until then nothing in it
 * can be looked up (-EAGAIN).  A branch that is only read may list a folder
 * anew after some time: what has gone loses its name, what has changed gets new
 * attributes.  A writable one changes through the mount only.
 *
 * A node is a number.  Whoever is given one holds it until branch_forget(); a
 * number that is gone is -ESTALE everywhere.
 *
 * Any thread.  Names of one folder are changed (made, moved, removed) by one at
 * a time, as the kernel sees to, but for those whose callers were killed
 * (watch.h): while such a move goes on, nothing is made in the folder that it
 * leads to (-EBUSY), which is not removed either (-ENOTEMPTY).  "Blocks" means
 * that the store is asked; all else is memory.  No lock is held while the store
 * is asked.  Nothing here knows FUSE. */
#ifndef FUSE_BRANCH_H
#define FUSE_BRANCH_H

#include "base/util.h"

#include <limits.h>
#include <sys/types.h>

struct backend;
struct buffers;
struct object;
struct branch;

#define BRANCH_ROOT 1u

struct branch_attr {
	uint64_t number;
	mode_t mode; /* S_IFDIR or S_IFREG, and permissions */
	uid_t uid;
	gid_t gid;
	uint64_t size;
	int64_t atime_ns, mtime_ns, ctime_ns;
	bool written; /* at the moment: it may yet be gone, or what it was */
};

struct branch_options {
	uid_t uid; /* whose it is, with modes 0644 and 0755, ... */
	gid_t gid;
	bool read_only;	     /* ... or 0444 and 0555 */
	uint64_t refresh_ns; /* read_only: how long a listing is believed; 0:
			      * for ever */
};

/* The buffers hold DRAFT_PIECE bytes each. */
int branch_new(struct backend *store, struct buffers *buffers,
	       const struct branch_options *options,
	       struct branch **out) MUST_USE;

/* Nothing is open.  NULL is fine. */
void branch_free(struct branch *b);

/* ---- What a folder has -------------------------------------------------- */

/* Has it been listed, and not too long ago?  True of what is no folder: other
 * calls will say. */
bool branch_is_listed(struct branch *b, uint64_t folder);

/* Somebody who waits for a folder to be listed, without blocking.  ready() is
 * called once, on the thread that lists, with what came of it; it may free
 * this. */
struct branch_wait {
	void (*ready)(struct branch_wait *w, int rc);
	struct branch_wait *next; /* the branch's */
};

enum branch_wanted {
	BRANCH_LISTED,	     /* it is already; ready() is not called */
	BRANCH_BEING_LISTED, /* ready() will be, or has been */
	BRANCH_UNLISTED,     /* call branch_fetch() where one may block */
};

/* A folder by its number.  However many ask, the store is asked once. */
enum branch_wanted branch_fetch_join(struct branch *b, uint64_t number,
				     struct branch_wait *w) MUST_USE;

/* List a folder for all who wait, unless another thread does already, or has.
 * Blocks.  Names that cannot be paths, and files that have the name of a folder,
 * are left out with a warning. */
void branch_fetch(struct branch *b, uint64_t number);

/* ---- Names -------------------------------------------------------------- */

/* Gives a node to hold. */
int branch_lookup(struct branch *b, uint64_t folder, const char *name,
		  struct branch_attr *out) MUST_USE;
void branch_forget(struct branch *b, uint64_t number, uint64_t holds);

int branch_stat(struct branch *b, uint64_t number,
		struct branch_attr *out) MUST_USE;

/* Change those attributes that set names. */
#define BRANCH_MODE 1u
#define BRANCH_UID 2u
#define BRANCH_GID 4u
#define BRANCH_ATIME 8u
#define BRANCH_MTIME 16u
int branch_change(struct branch *b, uint64_t number, unsigned set,
		  const struct branch_attr *to) MUST_USE;

/* The names in a folder at this moment; the caller's to free(), in one. */
struct branch_list {
	size_t n;
	struct branch_entry {
		uint64_t number;
		mode_t mode;
		const char *name;
	} entry[];
};
int branch_list(struct branch *b, uint64_t folder,
		struct branch_list **out) MUST_USE;

/* Gives a node to hold. */
int branch_mkdir(struct branch *b, uint64_t folder, const char *name,
		 mode_t mode, uid_t uid, gid_t gid,
		 struct branch_attr *out) MUST_USE;

/* These block. */
int branch_rmdir(struct branch *b, uint64_t folder, const char *name) MUST_USE;
int branch_unlink(struct branch *b, uint64_t folder, const char *name) MUST_USE;

/* rename().  Blocks.  flags: 0 or RENAME_NOREPLACE. */
int branch_move(struct branch *b, uint64_t folder, const char *name,
		uint64_t to_folder, const char *to_name,
		unsigned flags) MUST_USE;

/* The object that a file is, and its size.  Blocks if it is being written:
 * never, if the branch is read_only. */
int branch_object(struct branch *b, uint64_t number, char name[PATH_MAX],
		  uint64_t *size) MUST_USE;

/* Open for reading: an object of the store, the caller's to close.  Blocks.
 * -EBUSY: it is being written, and still was after a second. */
int branch_open(struct branch *b, uint64_t number, struct object **out,
		uint64_t *edition) MUST_USE;

/* Nobody has begun to write the file anew since this was its edition. */
bool branch_is_current(struct branch *b, uint64_t number, uint64_t edition);

#endif
