#include "backends/file.h"

#include "backends/folder.h"
#include "backends/newfile.h"
#include "backends/sweep.h"
#include "backends/walk.h"
#include "base/log.h"

#include <errno.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/vfs.h>

struct file_store {
	struct backend base;
	int root;
	bool in_memory; /* the root is; other file systems may be below it */
	dev_t device;	/* of the root */
};

struct file_object {
	struct object base;
	int fd;		      /* reading; else -1 */
	bool in_memory;	      /* reading: never waits */
	struct newfile draft; /* writing */
};

static int root_of(const struct backend *b)
{
	return ((const struct file_store *)b)->root;
}

/* ---- The store ---------------------------------------------------------- */

/* tmpfs refuses RWF_NOWAIT, but no read of it waits (but for swap). */
static int look_at_root(struct file_store *s)
{
	struct statfs fs;
	struct stat st;

	if (fstatfs(s->root, &fs) < 0 || fstat(s->root, &st) < 0)
		return -errno;
	s->in_memory = fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC;
	s->device = st.st_dev;
	return 0;
}

static int file_open(const char *location,
		     const struct backend_options *options,
		     struct backend **out)
{
	AUTO_FREE struct file_store *s = calloc(1, sizeof(*s));
	int rc;

	if (!s)
		return -ENOMEM;
	rc = folder_open(location, options->create, &s->root);
	if (rc)
		return rc;
	rc = look_at_root(s);
	if (rc) {
		close(s->root);
		return log_fail(rc, "look at folder %s", location);
	}
	s->base.local = folder_is_local(s->root);
	*out = &TAKE(s)->base;
	return 0;
}

static void file_close(struct backend *b)
{
	close(root_of(b));
	free(b);
}

static int file_list(struct backend *b, const char *prefix,
		     enum backend_depth depth, backend_list_fn fn, void *arg)
{
	return walk_files(root_of(b), prefix, depth, fn, arg);
}

static int file_stat(struct backend *b, const char *name,
		     struct object_info *out)
{
	return folder_stat(root_of(b), name, out);
}

static int file_remove(struct backend *b, const char *name)
{
	return folder_remove(root_of(b), name);
}

static int file_rename(struct backend *b, const char *from, const char *to)
{
	return folder_rename(root_of(b), from, to);
}

static int64_t file_sweep(struct backend *b, const char *prefix,
			  backend_sweep_fn wanted, void *arg)
{
	return sweep_files(root_of(b), prefix, wanted, arg);
}

static uint64_t file_room(struct backend *b)
{
	return folder_room(root_of(b));
}

/* ---- Reading ------------------------------------------------------------ */

static int file_open_object(struct backend *b, const char *name,
			    const uint64_t *size, struct object **out)
{
	AUTO_FREE struct file_object *f = calloc(1, sizeof(*f));
	const struct file_store *s = (const struct file_store *)b;
	struct stat st;
	int rc;

	(void)size;
	if (!f)
		return -ENOMEM;
	rc = folder_read(s->root, name, 0, &f->fd, &st);
	if (rc)
		return rc;
	f->base.size = (uint64_t)st.st_size;
	f->in_memory = s->in_memory && st.st_dev == s->device;
	*out = &TAKE(f)->base;
	return 0;
}

/* Only what the page cache has.  The kernel may hand over the part that it
 * has and stop there, which is not the object's end. */
static ssize_t read_cached(int fd, const struct object_read *rd)
{
	struct iovec iov = { .iov_base = rd->buf, .iov_len = rd->len };
	ssize_t got;

	got = preadv2(fd, &iov, 1, (off_t)rd->offset, RWF_NOWAIT);
	if (got >= 0)
		return (size_t)got == rd->len ? got : -EAGAIN;
	return errno == EOPNOTSUPP || errno == EINTR ? -EAGAIN : -errno;
}

static ssize_t file_read(struct object *o, struct object_read *rd)
{
	const struct file_object *f = (const struct file_object *)o;
	size_t done = 0;
	ssize_t got;

	if ((rd->flags & OBJECT_READ_NOWAIT) && !f->in_memory)
		return read_cached(f->fd, rd);
	while (done < rd->len) {
		got = pread(f->fd, (char *)rd->buf + done, rd->len - done,
			    (off_t)(rd->offset + done));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			break; /* somebody has cut the file */
		done += (size_t)got;
	}
	return (ssize_t)done;
}

/* ---- Writing ------------------------------------------------------------ */

static int file_create_object(struct backend *b, const char *name,
			      struct object **out)
{
	AUTO_FREE struct file_object *f = calloc(1, sizeof(*f));
	int rc;

	if (!f)
		return -ENOMEM;
	f->fd = -1;
	rc = newfile_open(&f->draft, root_of(b), name, 0);
	if (rc)
		return rc;
	*out = &TAKE(f)->base;
	return 0;
}

static int file_append(struct object *o, const void *buf, size_t len)
{
	int fd = ((struct file_object *)o)->draft.fd;
	size_t done = 0;
	ssize_t put;

	while (done < len) {
		put = write(fd, (const char *)buf + done, len - done);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -errno;
		done += (size_t)put;
	}
	return 0;
}

static int file_commit(struct object *o, unsigned flags)
{
	return newfile_commit(&((struct file_object *)o)->draft,
			      flags & OBJECT_DURABLE);
}

static void file_close_object(struct object *o)
{
	struct file_object *f = (struct file_object *)o;

	if (f->fd >= 0)
		close(f->fd);
	else
		newfile_close(&f->draft);
	free(f);
}

const struct backend_ops file_ops = {
	.scheme = "file",
	.open = file_open,
	.close = file_close,
	.list = file_list,
	.stat = file_stat,
	.remove = file_remove,
	.rename = file_rename,
	.sweep = file_sweep,
	.room = file_room,
	.open_object = file_open_object,
	.read = file_read,
	.create_object = file_create_object,
	.append = file_append,
	.commit = file_commit,
	.close_object = file_close_object,
};
