#include "backends/folder.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>

/* How often to go on when others are pruning the folders that we need. */
#define TRIES 100

/* ---- Folders ------------------------------------------------------------ */

/* Make the folders above path. */
static int make_parents(int root, const char *path)
{
	AUTO_FREE char *folder = strdup(path);

	if (!folder)
		return -ENOMEM;
	for (char *p = folder + 1; (p = strchr(p, '/')) != NULL; p++) {
		*p = '\0';
		if (mkdirat(root, folder, 0777) < 0 && errno != EEXIST)
			return -errno;
		*p = '/';
	}
	return 0;
}

void folder_go_up(char *name)
{
	char *slash = strrchr(name, '/');

	*(slash ? slash : name) = '\0';
}

const char *folder_or_root(const char *folder)
{
	return *folder ? folder : ".";
}

/* Remove the folders above name, from the innermost, while they are empty. */
static void prune(int root, const char *name)
{
	AUTO_FREE char *folder = strdup(name);

	if (!folder)
		return;
	for (folder_go_up(folder); *folder; folder_go_up(folder))
		if (unlinkat(root, folder, AT_REMOVEDIR) < 0)
			return;
}

static int sync_folder(int root, const char *folder)
{
	AUTO_CLOSE int fd = openat(root, folder_or_root(folder),
				   O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fsync(fd) < 0)
		return -errno;
	return 0;
}

int folder_sync_parents(int root, const char *name)
{
	AUTO_FREE char *folder = strdup(name);
	int rc;

	if (!folder)
		return -ENOMEM;
	do {
		folder_go_up(folder);
		rc = sync_folder(root, folder);
	} while (rc == 0 && *folder);
	return rc;
}

int folder_open(const char *path, bool create, int *root)
{
	int rc;

	if (!*path)
		return log_invalid("a file store needs a folder: file://DIR");
	if (create) {
		rc = make_parents(AT_FDCWD, path);
		if (rc == 0 && mkdir(path, 0777) < 0 && errno != EEXIST)
			rc = -errno;
		if (rc)
			return log_fail(rc, "make folder %s", path);
	}
	*root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (*root < 0)
		return log_fail(-errno, "open folder %s", path);
	return 0;
}

bool folder_is_local(int root)
{
	static const unsigned long local[] = {
		BTRFS_SUPER_MAGIC, EROFS_SUPER_MAGIC_V1,  EXT4_SUPER_MAGIC,
		F2FS_SUPER_MAGIC,  OVERLAYFS_SUPER_MAGIC, RAMFS_MAGIC,
		SQUASHFS_MAGIC,	   TMPFS_MAGIC,		  XFS_SUPER_MAGIC,
		0x2fc12fc1, /* OpenZFS */
	};
	struct statfs fs;

	if (fstatfs(root, &fs) < 0)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(local); i++)
		if ((unsigned long)fs.f_type == local[i])
			return true;
	return false;
}

uint64_t folder_room(int root)
{
	struct statvfs fs;

	if (fstatvfs(root, &fs) < 0 || fs.f_blocks == 0)
		return UINT64_MAX;
	return (uint64_t)fs.f_bavail * fs.f_frsize;
}

/* ---- Files -------------------------------------------------------------- */

/* A name below a file names nothing, and neither does a folder. */
static int no_such(int error)
{
	return error == ENOTDIR || error == EISDIR ? -ENOENT : -error;
}

struct object_info folder_info(const struct stat *st)
{
	return (struct object_info){
		.size = (uint64_t)st->st_size,
		.mtime_ns = (int64_t)st->st_mtim.tv_sec * (int64_t)NS_PER_SEC +
			    st->st_mtim.tv_nsec,
	};
}

int folder_stat(int root, const char *name, struct object_info *out)
{
	struct stat st;

	if (fstatat(root, name, &st, 0) < 0)
		return no_such(errno);
	if (!S_ISREG(st.st_mode))
		return -ENOENT;
	*out = folder_info(&st);
	return 0;
}

/* Folders, FIFOs and so on fail to open in ways of their own. */
static int why_not(int root, const char *name, int error)
{
	struct object_info info;
	int rc = folder_stat(root, name, &info);

	return rc ? rc : -error;
}

int folder_read(int root, const char *name, int flags, int *fd, struct stat *st)
{
	/* O_NONBLOCK: should it be a FIFO, do not wait for its writer. */
	AUTO_CLOSE int file = openat(
		root, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | flags, 0);

	if (file < 0)
		return why_not(root, name, errno);
	if (fstat(file, st) < 0)
		return -errno;
	if (!S_ISREG(st->st_mode))
		return -ENOENT;
	*fd = TAKE_FD(file);
	return 0;
}

int folder_remove(int root, const char *name)
{
	struct object_info info;
	int rc;

	rc = folder_stat(root, name, &info);
	if (rc)
		return rc;
	if (unlinkat(root, name, 0) < 0)
		return no_such(errno);
	prune(root, name);
	return 0;
}

/* ---- Giving names ------------------------------------------------------- */

/* Name a nameless file.  By its descriptor alone is faster, but before Linux
 * 6.10 only for root; others are told ENOENT, and take the way over /proc. */
static int link_nameless(int root, int fd, const char *to)
{
	char self[64];

	if (linkat(fd, "", root, to, AT_EMPTY_PATH) == 0)
		return 0;
	if (errno != ENOENT)
		return -errno;
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	return linkat(AT_FDCWD, self, root, to, AT_SYMLINK_FOLLOW) < 0 ?
		       -errno :
		       0;
}

static int place_once(int root, int fd, const char *from, const char *to)
{
	if (!from)
		return link_nameless(root, fd, to);
	return renameat(root, from, root, to) < 0 ? -errno : 0;
}

/* Somebody may prune the folders that were just made, hence the loop. */
int folder_place(int root, int fd, const char *from, const char *to)
{
	int rc = place_once(root, fd, from, to);

	for (int i = 0; rc == -ENOENT && i < TRIES; i++) {
		rc = make_parents(root, to);
		if (rc == 0)
			rc = place_once(root, fd, from, to);
		if (rc)
			prune(root, to);
	}
	return rc;
}

int folder_rename(int root, const char *from, const char *to)
{
	struct object_info info;
	int rc;

	rc = folder_stat(root, from, &info);
	if (rc == 0)
		rc = folder_place(root, -1, from, to);
	if (rc == 0)
		prune(root, from);
	return rc;
}
