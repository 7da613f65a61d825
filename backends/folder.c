#include "backends/folder.h"

#include "base/log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#define TEMP_PREFIX ".dliofs-"
#define TEMP_SUFFIX ".tmp"
#define TEMP_SIZE (BACKEND_NAME_MAX + 64)

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

/* Cut the last part off: "a/b" becomes "a", and "a" becomes "". */
static void go_up(char *name)
{
	char *slash = strrchr(name, '/');

	*(slash ? slash : name) = '\0';
}

static const char *or_root(const char *folder)
{
	return *folder ? folder : ".";
}

/* Remove the folders above name, from the innermost, while they are empty. */
static void prune(int root, const char *name)
{
	AUTO_FREE char *folder = strdup(name);

	if (!folder)
		return;
	for (go_up(folder); *folder; go_up(folder))
		if (unlinkat(root, folder, AT_REMOVEDIR) < 0)
			return;
}

static int sync_folder(int root, const char *folder)
{
	AUTO_CLOSE int fd = openat(root, or_root(folder),
				   O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fsync(fd) < 0)
		return -errno;
	return 0;
}

/* Any of the folders above name may be new, and is then only as durable as its
 * entry in the one above. */
static int sync_parents(int root, const char *name)
{
	AUTO_FREE char *folder = strdup(name);
	int rc;

	if (!folder)
		return -ENOMEM;
	do {
		go_up(folder);
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

/* ---- Files -------------------------------------------------------------- */

/* A name below a file names nothing, and neither does a folder. */
static int no_such(int error)
{
	return error == ENOTDIR || error == EISDIR ? -ENOENT : -error;
}

static struct object_info info_of(const struct stat *st)
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
	*out = info_of(&st);
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

/* Name what is called from, or the nameless file fd. */
static int place_once(int root, int fd, const char *from, const char *to)
{
	char self[64];
	int rc;

	if (from) {
		rc = renameat(root, from, root, to);
	} else {
		snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
		rc = linkat(AT_FDCWD, self, root, to, AT_SYMLINK_FOLLOW);
	}
	return rc < 0 ? -errno : 0;
}

/* The same, making folders.  Somebody may prune those just made, hence the
 * loop. */
static int place(int root, int fd, const char *from, const char *to)
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
		rc = place(root, -1, from, to);
	if (rc == 0)
		prune(root, from);
	return rc;
}

/* ---- Drafts ------------------------------------------------------------- */

static bool is_temp(const char *part)
{
	size_t len = strlen(part), suffix = strlen(TEMP_SUFFIX);

	return !strncmp(part, TEMP_PREFIX, strlen(TEMP_PREFIX)) &&
	       len >= suffix && !strcmp(part + len - suffix, TEMP_SUFFIX);
}

static int temp_name(const char *folder, char **out)
{
	uint64_t random;

	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		return -EIO;
	if (asprintf(out, "%s/" TEMP_PREFIX "%016lx" TEMP_SUFFIX,
		     or_root(folder), (unsigned long)random) < 0) {
		*out = NULL;
		return -ENOMEM;
	}
	return 0;
}

static int open_hidden(struct folder_draft *d, const char *folder, int flags)
{
	int rc;

	rc = temp_name(folder, &d->temp);
	if (rc)
		return rc;
	d->fd = openat(d->root, d->temp,
		       O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | flags, 0666);
	if (d->fd >= 0)
		return 0;
	rc = -errno;
	free(TAKE(d->temp));
	return rc;
}

static int open_in(struct folder_draft *d, const char *folder, int flags)
{
	d->fd = openat(d->root, or_root(folder),
		       O_WRONLY | O_TMPFILE | O_CLOEXEC | flags, 0666);
	if (d->fd >= 0)
		return 0;
	/* EISDIR: from file systems that have not heard of O_TMPFILE. */
	if (errno == EOPNOTSUPP || errno == EISDIR)
		return open_hidden(d, folder, flags);
	return -errno;
}

int folder_draft_open(struct folder_draft *d, int root, const char *name,
		      int flags)
{
	AUTO_FREE char *folder = strdup(name);
	int rc;

	*d = (struct folder_draft){ .root = root, .fd = -1 };
	if (!folder)
		return -ENOMEM;
	/* The innermost folder there is, so that it is on the right file
	 * system; those below are made at commit.  EPERM: on ext4, of a folder
	 * that is being pruned. */
	do {
		go_up(folder);
		rc = open_in(d, folder, flags);
	} while ((rc == -ENOENT || rc == -EPERM) && *folder);
	if (rc)
		return rc;

	d->name = strdup(name);
	if (!d->name) {
		folder_draft_close(d);
		return -ENOMEM;
	}
	return 0;
}

/* Some file systems (NFS) report a full disk only when a file is closed. */
static int flush(int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);

	if (copy < 0 || close(copy) < 0)
		return -errno;
	return 0;
}

/* A link cannot replace, a rename can: take a hidden name first. */
static int hide(struct folder_draft *d)
{
	AUTO_FREE char *folder = strdup(d->name);
	int rc;

	if (!folder)
		return -ENOMEM;
	go_up(folder);
	rc = temp_name(folder, &d->temp);
	if (rc == 0)
		rc = place(d->root, d->fd, NULL, d->temp);
	if (rc)
		free(TAKE(d->temp));
	return rc;
}

static int publish(struct folder_draft *d)
{
	int rc;

	if (!d->temp) {
		rc = place(d->root, d->fd, NULL, d->name);
		if (rc != -EEXIST)
			return rc;
		rc = hide(d);
		if (rc)
			return rc;
	}
	rc = place(d->root, -1, d->temp, d->name);
	if (rc == 0)
		free(TAKE(d->temp));
	return rc;
}

int folder_draft_commit(struct folder_draft *d, bool durable)
{
	int rc;

	rc = flush(d->fd);
	if (rc == 0 && durable && fdatasync(d->fd) < 0)
		rc = -errno;
	if (rc == 0)
		rc = publish(d);
	if (rc == 0 && durable)
		rc = sync_parents(d->root, d->name);
	return rc;
}

void folder_draft_close(struct folder_draft *d)
{
	if (d->temp)
		unlinkat(d->root, d->temp, 0);
	if (d->fd >= 0)
		close(d->fd);
	free(d->temp);
	free(d->name);
	*d = (struct folder_draft){ .fd = -1 };
}

/* ---- Listing ------------------------------------------------------------ */

struct walk {
	int root;
	enum backend_depth depth;
	backend_list_fn fn;
	void *arg;
	char path[BACKEND_NAME_MAX + 2]; /* of the folder, "" or with a slash */
};

/* The folders we are in, to notice a symbolic link that leads back. */
struct level {
	const struct level *up;
	dev_t dev;
	ino_t ino;
};

static bool leads_back(const struct level *here)
{
	for (const struct level *l = here->up; l; l = l->up)
		if (l->dev == here->dev && l->ino == here->ino)
			return true;
	return false;
}

static bool is_listed(const char *part, const char *begins)
{
	return strcmp(part, ".") != 0 && strcmp(part, "..") != 0 &&
	       !is_temp(part) && !strncmp(part, begins, strlen(begins));
}

/* One entry of the folder at path: tell fn, or keep a folder for later. */
static int visit(struct walk *w, int dirfd, const char *part, FILE *folders)
{
	size_t len = strlen(w->path), part_len = strlen(part);
	struct object_info info = { 0 };
	struct stat st;
	int rc;

	if (fstatat(dirfd, part, &st, 0) < 0)
		return 0; /* gone, or a link to nowhere */
	if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		return 0;
	if (S_ISDIR(st.st_mode) && w->depth == BACKEND_DEEP) {
		fwrite(part, 1, part_len + 1, folders);
		return ferror(folders) ? -ENOMEM : 0;
	}
	if (len + part_len > BACKEND_NAME_MAX) {
		log_warn("%s%s: name too long, left out", w->path, part);
		return 0;
	}
	if (S_ISREG(st.st_mode))
		info = info_of(&st);
	snprintf(w->path + len, sizeof(w->path) - len, "%s%s", part,
		 S_ISDIR(st.st_mode) ? "/" : "");
	rc = w->fn(w->arg, w->path, &info);
	w->path[len] = '\0';
	return rc;
}

static int open_folder(struct walk *w, struct level *here, DIR **out)
{
	AUTO_CLOSE int fd = openat(w->root, or_root(w->path),
				   O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	*out = NULL;
	if (fd < 0 && errno == EACCES && here->up) {
		log_warn("%s may not be read, left out", w->path);
		return 0;
	}
	if (fd < 0 || fstat(fd, &st) < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
	here->dev = st.st_dev;
	here->ino = st.st_ino;
	if (leads_back(here))
		return 0;
	*out = fdopendir(fd);
	if (!*out)
		return -errno;
	(void)TAKE_FD(fd); /* the stream's now */
	return 0;
}

static int visit_all(struct walk *w, DIR *dir, const char *begins,
		     FILE *folders)
{
	struct dirent *entry;
	int rc = 0;

	while (rc == 0) {
		errno = 0;
		entry = readdir(dir);
		if (!entry)
			return -errno;
		if (is_listed(entry->d_name, begins))
			rc = visit(w, dirfd(dir), entry->d_name, folders);
	}
	return rc;
}

static int walk_folder(struct walk *w, const struct level *up,
		       const char *begins);

static int walk_below(struct walk *w, const struct level *here,
		      const char *folders, size_t size)
{
	size_t len = strlen(w->path);
	int rc = 0;

	for (const char *part = folders; rc == 0 && part < folders + size;
	     part += strlen(part) + 1) {
		if (len + strlen(part) + 1 > BACKEND_NAME_MAX) {
			log_warn("%s%s: name too long, left out", w->path,
				 part);
			continue;
		}
		snprintf(w->path + len, sizeof(w->path) - len, "%s/", part);
		rc = walk_folder(w, here, "");
		w->path[len] = '\0';
	}
	return rc;
}

/* Files first, folders when the stream is closed: however deep the tree, one
 * descriptor is open. */
static int walk_folder(struct walk *w, const struct level *up,
		       const char *begins)
{
	struct level here = { .up = up };
	AUTO_FREE char *folders = NULL;
	size_t size = 0;
	FILE *names;
	DIR *dir;
	int rc;

	rc = open_folder(w, &here, &dir);
	if (rc || !dir)
		return rc;
	names = open_memstream(&folders, &size);
	if (!names) {
		closedir(dir);
		return -ENOMEM;
	}
	rc = visit_all(w, dir, begins, names);
	closedir(dir);
	if (fclose(names) != 0 && rc == 0)
		rc = -ENOMEM;
	return rc ? rc : walk_below(w, &here, folders, size);
}

int folder_list(int root, const char *prefix, enum backend_depth depth,
		backend_list_fn fn, void *arg)
{
	struct walk w = { .root = root, .depth = depth, .fn = fn, .arg = arg };
	const char *slash = strrchr(prefix, '/');
	size_t len = slash ? (size_t)(slash + 1 - prefix) : 0;

	memcpy(w.path, prefix, len);
	return walk_folder(&w, NULL, prefix + len);
}
