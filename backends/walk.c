#include "backends/walk.h"

#include "backends/folder.h"
#include "backends/newfile.h"
#include "base/log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

struct walk {
	int root;
	enum backend_depth depth;
	bool temps; /* they are wanted, and nothing else */
	backend_list_fn fn;
	void *arg;
	char path[BACKEND_NAME_MAX + 2]; /* of the folder, "" or with a slash */
	bool said; /* that something may not be looked at */
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

static bool is_listed(const struct walk *w, const struct dirent *entry,
		      const char *begins)
{
	const char *part = entry->d_name;

	if (!strcmp(part, ".") || !strcmp(part, ".."))
		return false;
	if (newfile_is_temp(part))
		return w->temps;
	if (w->temps && (w->depth != BACKEND_DEEP || entry->d_type == DT_REG))
		return false; /* no folder that they may be in */
	return !strncmp(part, begins, strlen(begins));
}

/* What is gone, or a link to nowhere, is nothing; but a disk that fails must
 * not make a folder look smaller than it is.  Said once: in a folder that may be
 * read and not searched it is so for each. */
static int cannot_look_at(struct walk *w, const char *part, int error)
{
	static const int nowhere[] = { ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG };

	for (size_t i = 0; i < ARRAY_SIZE(nowhere); i++)
		if (error == nowhere[i])
			return 0;
	if (error != EACCES)
		return log_fail(-error, "look at %s%s", w->path, part);
	if (!w->said)
		log_warn("%s%s may not be looked at, left out, as any other "
			 "such will be",
			 w->path, part);
	w->said = true;
	return 0;
}

/* One entry of the folder at path: tell fn, or keep a folder for later. */
static int visit(struct walk *w, int dirfd, const char *part, FILE *folders)
{
	size_t len = strlen(w->path), part_len = strlen(part);
	struct object_info info = { 0 };
	struct stat st;
	int rc;

	if (fstatat(dirfd, part, &st, 0) < 0)
		return cannot_look_at(w, part, errno);
	if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		return 0;
	if (S_ISDIR(st.st_mode) && w->depth == BACKEND_DEEP) {
		fwrite(part, 1, part_len + 1, folders);
		return ferror(folders) ? -ENOMEM : 0;
	}
	if (w->temps && !newfile_is_temp(part))
		return 0;
	if (len + part_len > BACKEND_NAME_MAX) {
		log_warn("%s%s: name too long, left out", w->path, part);
		return 0;
	}
	if (S_ISREG(st.st_mode))
		info = folder_info(&st);
	snprintf(w->path + len, sizeof(w->path) - len, "%s%s", part,
		 S_ISDIR(st.st_mode) ? "/" : "");
	rc = w->fn(w->arg, w->path, &info);
	w->path[len] = '\0';
	return rc;
}

static int open_folder(struct walk *w, struct level *here, DIR **out)
{
	AUTO_CLOSE int fd = openat(w->root, folder_or_root(w->path),
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
		if (is_listed(w, entry, begins))
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
	if ((fclose(names) != 0 || !folders) && rc == 0)
		rc = -ENOMEM;
	return rc ? rc : walk_below(w, &here, folders, size);
}

static int walk(struct walk *w, const char *prefix)
{
	const char *slash = strrchr(prefix, '/');
	size_t len = slash ? (size_t)(slash + 1 - prefix) : 0;

	memcpy(w->path, prefix, len);
	return walk_folder(w, NULL, prefix + len);
}

int walk_files(int root, const char *prefix, enum backend_depth depth,
	       backend_list_fn fn, void *arg)
{
	struct walk w = { .root = root, .depth = depth, .fn = fn, .arg = arg };

	return walk(&w, prefix);
}

int walk_temps(int root, const char *prefix, enum backend_depth depth,
	       backend_list_fn fn, void *arg)
{
	struct walk w = { .root = root,
			  .depth = depth,
			  .temps = true,
			  .fn = fn,
			  .arg = arg };

	return walk(&w, prefix);
}
