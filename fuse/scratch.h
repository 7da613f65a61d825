/* A writable tree over a store, for checkpoints.
 *
 * Files are objects: written once, front to back (writer.h), visible at commit.
 * Folders, modes, owners and times are kept in memory only; folders that the
 * store does not imply are forgotten with the mount.  Replacing a file, with
 * O_TRUNC or rename(), replaces it at once: until then the store has the old
 * one, and after a failure still.  A rename of a file that is being written
 * takes effect at commit.  Folders are renamed object by object; while files
 * below one are being written, that is -EBUSY.
 *
 * A node is a number.  Whoever is given one holds it until scratch_forget(); a
 * number that is gone is -ESTALE everywhere.
 *
 * Any thread.  "Blocks" means that the store is asked; all else is memory.  No
 * lock is held while the store is asked.  Nothing here knows FUSE. */
#ifndef FUSE_SCRATCH_H
#define FUSE_SCRATCH_H

#include "base/util.h"
#include <sys/types.h>

struct backend;
struct buffers;
struct object;
struct scratch;

#define SCRATCH_ROOT 1u

struct scratch_attr {
	uint64_t number;
	mode_t mode; /* S_IFDIR or S_IFREG, and permissions */
	uid_t uid;
	gid_t gid;
	uint64_t size;
	int64_t atime_ns, mtime_ns, ctime_ns;
};

/* Lists the store, so it blocks.  Names that cannot be paths are left out with
 * a warning.  The buffers hold DRAFT_PIECE bytes each.  What exists already
 * belongs to this user, with modes 0644 and 0755. */
int scratch_new(struct backend *store, struct buffers *buffers, uid_t uid,
		gid_t gid, struct scratch **out) MUST_USE;

/* Nothing is open.  NULL is fine. */
void scratch_free(struct scratch *s);

/* Gives a node to hold. */
int scratch_lookup(struct scratch *s, uint64_t folder, const char *name,
		   struct scratch_attr *out) MUST_USE;
void scratch_forget(struct scratch *s, uint64_t number, uint64_t holds);

int scratch_stat(struct scratch *s, uint64_t number,
		 struct scratch_attr *out) MUST_USE;

/* Change those attributes that set names. */
#define SCRATCH_MODE 1u
#define SCRATCH_UID 2u
#define SCRATCH_GID 4u
#define SCRATCH_ATIME 8u
#define SCRATCH_MTIME 16u
int scratch_change(struct scratch *s, uint64_t number, unsigned set,
		   const struct scratch_attr *to) MUST_USE;

/* The names in a folder at this moment; the caller's to free(), in one. */
struct scratch_list {
	size_t n;
	struct scratch_entry {
		uint64_t number;
		mode_t mode;
		const char *name;
	} entry[];
};
int scratch_list(struct scratch *s, uint64_t folder,
		 struct scratch_list **out) MUST_USE;

/* Gives a node to hold. */
int scratch_mkdir(struct scratch *s, uint64_t folder, const char *name,
		  mode_t mode, uid_t uid, gid_t gid,
		  struct scratch_attr *out) MUST_USE;
int scratch_rmdir(struct scratch *s, uint64_t folder,
		  const char *name) MUST_USE;

/* Blocks. */
int scratch_unlink(struct scratch *s, uint64_t folder,
		   const char *name) MUST_USE;

/* rename().  Blocks.  flags: 0 or RENAME_NOREPLACE. */
int scratch_move(struct scratch *s, uint64_t folder, const char *name,
		 uint64_t to_folder, const char *to_name,
		 unsigned flags) MUST_USE;

/* Open for reading: an object of the store, the caller's to close.  Blocks.
 * -EBUSY: it is being written, and still was after a second. */
int scratch_open(struct scratch *s, uint64_t number,
		 struct object **out) MUST_USE;

#endif
