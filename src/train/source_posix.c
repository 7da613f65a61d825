#include "train/source_posix.h"

#include "base/log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define NAME_SIZE 4096

struct posix_source {
	struct source base;
	int root; /* the folder */
};

struct posix_file {
	struct source_file base;
	int fd;
	char *created; /* its name, until it is committed */
};

static int root_of(const struct source *s)
{
	return CONTAINER_OF(s, const struct posix_source, base)->root;
}

static struct posix_file *file_of(struct source_file *f)
{
	return CONTAINER_OF(f, struct posix_file, base);
}

/* What else has a name there can keep a reader waiting for ever. */
static int check_kind(mode_t mode)
{
	if (S_ISDIR(mode))
		return -EISDIR;
	return S_ISREG(mode) ? 0 : -ESPIPE;
}

/* Takes the descriptor. */
static int new_file(struct source *s, int fd, struct posix_file **out)
{
	struct posix_file *f = calloc(1, sizeof(*f));
	struct stat st;
	int rc = 0;

	if (!f)
		rc = -ENOMEM;
	else if (fstat(fd, &st))
		rc = -errno;
	else
		rc = check_kind(st.st_mode);
	if (rc) {
		free(f);
		close(fd);
		return rc;
	}
	f->base.source = s;
	f->base.size = (uint64_t)st.st_size;
	f->base.blksize = (uint32_t)st.st_blksize;
	f->fd = fd;
	*out = f;
	return 0;
}

/* O_NONBLOCK: it may be a pipe that nobody writes to. */
#define TO_READ (O_RDONLY | O_CLOEXEC | O_NONBLOCK)

static int posix_open(struct source *s, const char *name, unsigned flags,
		      struct source_file **out)
{
	int direct = flags & SOURCE_DIRECT ? O_DIRECT : 0;
	struct posix_file *f;
	int fd, rc;

	fd = openat(root_of(s), name, TO_READ | direct);
	if (fd < 0)
		return -errno;
	rc = new_file(s, fd, &f);
	if (rc)
		return rc;
	*out = &f->base;
	return 0;
}

static ssize_t posix_read(struct source_file *f, void *buf, size_t len,
			  uint64_t offset)
{
	ssize_t got;

	do
		got = pread(file_of(f)->fd, buf, len, (off_t)offset);
	while (got < 0 && errno == EINTR);
	return got < 0 ? -errno : got;
}

/* Where the page cache is gone around there is none to map. */
static int posix_map(struct source_file *f, const void **out)
{
	void *data =
		mmap(NULL, f->size, PROT_READ, MAP_SHARED, file_of(f)->fd, 0);

	if (data == MAP_FAILED)
		return -errno;
	*out = data;
	return 0;
}

static void posix_close(struct source_file *base)
{
	struct posix_file *f = file_of(base);

	util_close(&f->fd);
	if (f->created)
		unlinkat(root_of(base->source), f->created, 0);
	free(f->created);
	free(f);
}

/* mkdir -p below (or, for AT_FDCWD, at) a folder.  With whole, the last part of
 * the path is a folder too. */
static int make_folders(int at, const char *path, bool whole)
{
	char part[NAME_SIZE];
	size_t len = strlen(path);

	if (len >= sizeof(part))
		return -ENAMETOOLONG;
	memcpy(part, path, len + 1);
	for (char *end = part + 1; len && (end = strchr(end, '/')); end++) {
		*end = '\0';
		if (mkdirat(at, part, 0777) && errno != EEXIST)
			return -errno;
		*end = '/';
	}
	if (whole && mkdirat(at, part, 0777) && errno != EEXIST)
		return -errno;
	return 0;
}

static int posix_create(struct source *s, const char *name,
			struct source_file **out)
{
	AUTO_FREE char *kept = strdup(name);
	struct posix_file *f;
	int fd, rc;

	if (!kept)
		return -ENOMEM;
	rc = make_folders(root_of(s), name, false);
	if (rc)
		return rc;
	fd = openat(root_of(s), name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
		    0666);
	if (fd < 0)
		return -errno;
	rc = new_file(s, fd, &f);
	if (rc)
		return rc;
	f->created = TAKE(kept);
	*out = &f->base;
	return 0;
}

static int posix_append(struct source_file *f, const void *buf, size_t len)
{
	const char *at = buf;

	while (len > 0) {
		ssize_t put = write(file_of(f)->fd, at, len);

		if (put < 0 && errno != EINTR)
			return -errno;
		if (put > 0) {
			at += put;
			len -= (size_t)put;
		}
	}
	return 0;
}

/* What FUSE stores, it stores at close(2), which tells how it went. */
static int posix_commit(struct source_file *base, unsigned flags)
{
	struct posix_file *f = file_of(base);

	if ((flags & SOURCE_DURABLE) && fsync(f->fd))
		return -errno;
	if (close(TAKE_FD(f->fd)))
		return -errno;
	free(TAKE(f->created));
	return 0;
}

static int posix_count(struct source *s, const char *folder, uint64_t *out)
{
	const struct dirent *entry;
	int fd, rc;
	DIR *dir;

	fd = openat(root_of(s), *folder ? folder : ".",
		    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	dir = fdopendir(fd);
	if (!dir) {
		rc = -errno;
		close(fd);
		return rc;
	}
	for (errno = 0; (entry = readdir(dir)); errno = 0)
		*out += strcmp(entry->d_name, ".") &&
			strcmp(entry->d_name, "..");
	rc = -errno;
	closedir(dir);
	return rc;
}

static int posix_drop(struct source *s, const char *name)
{
	AUTO_CLOSE int fd = -1;

	fd = openat(root_of(s), name, TO_READ);
	if (fd < 0)
		return -errno;
	/* Dirty pages would stay.  Not every mount can sync what is open for
	 * reading, and nothing is dirty there. */
	(void)!fdatasync(fd);
	return -posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
}

static void posix_free(struct source *base)
{
	struct posix_source *s = CONTAINER_OF(base, struct posix_source, base);

	util_close(&s->root);
	free(s);
}

static const struct source_ops posix_ops = {
	.open = posix_open,
	.read = posix_read,
	.close = posix_close,
	.create = posix_create,
	.append = posix_append,
	.commit = posix_commit,
	.count = posix_count,
	.drop = posix_drop,
	.map = posix_map,
	.free = posix_free,
};

int source_posix_new(const char *root, bool make, struct source **out)
{
	AUTO_FREE struct posix_source *s = calloc(1, sizeof(*s));
	int rc;

	*out = NULL;
	if (!s)
		return log_fail(-ENOMEM, "open folder %s", root);
	rc = make ? make_folders(AT_FDCWD, root, true) : 0;
	if (rc)
		return log_fail(rc, "make folder %s", root);
	s->base.ops = &posix_ops;
	s->root = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->root < 0)
		return log_fail(-errno, "open folder %s", root);
	rc = source_set_place(&s->base, root);
	if (rc) {
		close(s->root);
		return log_fail(rc, "open folder %s", root);
	}
	*out = &TAKE(s)->base;
	return 0;
}
