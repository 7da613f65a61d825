#include "backends/direct.h"

#include "backends/alignment.h"
#include "backends/blockwriter.h"
#include "backends/folder.h"
#include "backends/newfile.h"
#include "backends/sweep.h"
#include "backends/walk.h"
#include "base/buffers.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>

/* The buffers between unaligned callers and the disk. */
#define BUFFER (4 * MIB)
#define KEPT 64 /* while nobody uses them */

struct direct_store {
	struct backend base;
	int root;
	bool fallback;
	char *location;
	_Atomic bool said; /* that O_DIRECT is refused */
	struct buffers *buffers;
};

struct direct_object {
	struct object base;
	struct alignment align;
	int fd;		      /* reading; else -1 */
	struct newfile draft; /* writing */
	struct blockwriter writer;
};

static struct direct_store *store_of(struct backend *b)
{
	return CONTAINER_OF(b, struct direct_store, base);
}

static struct direct_object *object_of(struct object *o)
{
	return CONTAINER_OF(o, struct direct_object, base);
}

/* ---- Where O_DIRECT is refused ------------------------------------------ */

static bool is_refusal(int rc)
{
	return rc == -EINVAL || rc == -EOPNOTSUPP;
}

/* 0: go on without. */
static int refused(struct direct_store *s)
{
	bool first = !atomic_exchange(&s->said, true);

	if (s->fallback) {
		if (first)
			log_warn("%s: this file system refuses O_DIRECT; "
				 "falling back to buffered I/O: what is "
				 "measured includes the page cache",
				 s->location);
		return 0;
	}
	if (first)
		log_error("%s: this file system refuses O_DIRECT; use file://, "
			  "or set dliofs.backend.direct_fallback: true for "
			  "buffered I/O",
			  s->location);
	return -EOPNOTSUPP;
}

/* ---- The store ---------------------------------------------------------- */

/* Find out with a nameless file, if we may make one: a refusal is better told
 * now than in the middle, and callers want to know the alignment. */
static int probe(struct direct_store *s, struct alignment *align)
{
	AUTO_CLOSE int fd = openat(
		s->root, ".", O_RDWR | O_TMPFILE | O_DIRECT | O_CLOEXEC, 0600);
	struct stat st;
	int rc = fd < 0 ? -errno : alignment_of_file(fd, align);

	if (rc == 0)
		return 0;
	if (rc == -EINVAL || (fd >= 0 && rc == -EOPNOTSUPP))
		return refused(s);
	if (fstat(s->root, &st) < 0)
		return log_fail(-errno, "look at folder %s", s->location);
	*align = alignment_of_device(st.st_dev);
	return 0;
}

static int set_up(struct direct_store *s, bool create)
{
	struct alignment align = { 1, 1 };
	int rc;

	if (!s->location)
		return -ENOMEM;
	rc = folder_open(s->location, create, &s->root);
	if (rc == 0)
		rc = probe(s, &align);
	if (rc)
		return rc;
	s->base.alignment = MAX(align.mem, align.file);
	s->base.local = folder_is_local(s->root);
	return buffers_new(BUFFER, MAX(s->base.alignment, ALIGNMENT_DEFAULT),
			   KEPT, &s->buffers);
}

static void direct_close(struct backend *b)
{
	struct direct_store *s = store_of(b);

	buffers_free(s->buffers);
	if (s->root >= 0)
		close(s->root);
	free(s->location);
	free(s);
}

static int direct_open(const char *location,
		       const struct backend_options *options,
		       struct backend **out)
{
	struct direct_store *s = calloc(1, sizeof(*s));
	int rc;

	if (!s)
		return -ENOMEM;
	s->root = -1;
	s->fallback = options->direct_fallback;
	s->location = strdup(location);
	rc = set_up(s, options->create);
	if (rc) {
		direct_close(&s->base);
		return rc;
	}
	*out = &s->base;
	return 0;
}

static int direct_list(struct backend *b, const char *prefix,
		       enum backend_depth depth, backend_list_fn fn, void *arg)
{
	return walk_files(store_of(b)->root, prefix, depth, fn, arg);
}

static int direct_stat(struct backend *b, const char *name,
		       struct object_info *out)
{
	return folder_stat(store_of(b)->root, name, out);
}

static int direct_remove(struct backend *b, const char *name)
{
	return folder_remove(store_of(b)->root, name);
}

static int direct_rename(struct backend *b, const char *from, const char *to)
{
	return folder_rename(store_of(b)->root, from, to);
}

static int64_t direct_sweep(struct backend *b, const char *prefix,
			    backend_sweep_fn wanted, void *arg)
{
	return sweep_files(store_of(b)->root, prefix, wanted, arg);
}

static uint64_t direct_room(struct backend *b)
{
	return folder_room(store_of(b)->root);
}

static void direct_close_object(struct object *o)
{
	struct direct_object *d = object_of(o);

	if (d->writer.buffer)
		buffers_put(store_of(o->backend)->buffers, d->writer.buffer);
	if (d->fd >= 0)
		close(d->fd);
	newfile_close(&d->draft);
	free(d);
}

static struct direct_object *object_new(struct backend *b)
{
	struct direct_object *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->base.backend = b;
	d->fd = -1;
	d->draft.fd = -1;
	d->align = (struct alignment){ 1, 1 };
	return d;
}

/* ---- Reading ------------------------------------------------------------ */

static int open_to_read(struct direct_store *s, const char *name,
			struct direct_object *d)
{
	struct stat st;
	int rc;

	rc = folder_read(s->root, name, O_DIRECT, &d->fd, &st);
	if (rc == 0)
		rc = alignment_of_file(d->fd, &d->align);
	if (is_refusal(rc)) {
		rc = refused(s);
		if (rc)
			return rc;
		if (d->fd >= 0)
			close(TAKE_FD(d->fd));
		rc = folder_read(s->root, name, 0, &d->fd, &st);
	}
	if (rc)
		return rc;
	d->base.size = (uint64_t)st.st_size;
	return 0;
}

static int direct_open_object(struct backend *b, const char *name,
			      const uint64_t *size, struct object **out)
{
	struct direct_object *d = object_new(b);
	int rc;

	(void)size;
	if (!d)
		return -ENOMEM;
	rc = open_to_read(store_of(b), name, d);
	if (rc) {
		direct_close_object(&d->base);
		return rc;
	}
	*out = &d->base;
	return 0;
}

static ssize_t read_at(int fd, void *buf, size_t len, uint64_t offset)
{
	ssize_t got;

	do
		got = pread(fd, buf, len, (off_t)offset);
	while (got < 0 && errno == EINTR);
	return got < 0 ? -errno : got;
}

/* The blocks around what is wanted into an aligned buffer, and from there. */
static ssize_t read_copied(struct direct_object *d, void *buf, size_t len,
			   uint64_t offset)
{
	struct buffers *buffers = store_of(d->base.backend)->buffers;
	uint64_t start = round_down(offset, d->align.file);
	size_t skip = (size_t)(offset - start);
	size_t span = (size_t)round_up(skip + len, d->align.file);
	char *between = buffers_get(buffers);
	ssize_t got;

	if (!between)
		return -ENOMEM;
	got = read_at(d->fd, between, MIN(span, BUFFER), start);
	if (got >= 0) {
		len = MIN(len, (size_t)got - MIN(skip, (size_t)got));
		memcpy(buf, between + skip, len);
		got = (ssize_t)len;
	}
	buffers_put(buffers, between);
	return got;
}

/* One step: whole blocks straight to where they are wanted, unless so few that
 * the rest had better come along with them. */
static ssize_t read_some(struct direct_object *d, void *buf, size_t len,
			 uint64_t offset)
{
	size_t whole = (size_t)round_down(len, d->align.file);

	if (alignment_fits(&d->align, buf, offset) &&
	    (whole == len || whole > ALIGNMENT_COPIED))
		return read_at(d->fd, buf, whole, offset);
	return read_copied(d, buf, len, offset);
}

static ssize_t direct_read(struct object *o, struct object_read *rd)
{
	size_t done = 0;
	ssize_t got;

	if (rd->flags & OBJECT_READ_NOWAIT)
		return -EAGAIN; /* all of it is at the disk */
	while (done < rd->len) {
		got = read_some(object_of(o), (char *)rd->buf + done,
				rd->len - done, rd->offset + done);
		if (got < 0)
			return got;
		if (got == 0)
			break; /* somebody has cut the file */
		done += (size_t)got;
	}
	return (ssize_t)done;
}

/* ---- Writing ------------------------------------------------------------ */

static int open_to_write(struct direct_store *s, const char *name,
			 struct direct_object *d)
{
	int rc;

	rc = newfile_open(&d->draft, s->root, name, O_DIRECT);
	if (rc == 0)
		rc = alignment_of_file(d->draft.fd, &d->align);
	if (is_refusal(rc)) {
		rc = refused(s);
		if (rc)
			return rc;
		newfile_close(&d->draft);
		rc = newfile_open(&d->draft, s->root, name, 0);
	}
	if (rc)
		return rc;
	d->writer = (struct blockwriter){
		.fd = d->draft.fd,
		.align = d->align,
		.buffer = buffers_get(s->buffers),
		.size = BUFFER,
	};
	return d->writer.buffer ? 0 : -ENOMEM;
}

static int direct_create_object(struct backend *b, const char *name,
				struct object **out)
{
	struct direct_object *d = object_new(b);
	int rc;

	if (!d)
		return -ENOMEM;
	rc = open_to_write(store_of(b), name, d);
	if (rc) {
		direct_close_object(&d->base);
		return rc;
	}
	*out = &d->base;
	return 0;
}

static int direct_append(struct object *o, const void *buf, size_t len)
{
	return blockwriter_append(&object_of(o)->writer, buf, len);
}

static int direct_commit(struct object *o, unsigned flags)
{
	struct direct_object *d = object_of(o);
	int rc;

	rc = blockwriter_end(&d->writer);
	if (rc)
		return rc;
	return newfile_commit(&d->draft, flags & OBJECT_DURABLE);
}

const struct backend_ops direct_ops = {
	.scheme = "direct",
	.open = direct_open,
	.close = direct_close,
	.list = direct_list,
	.stat = direct_stat,
	.remove = direct_remove,
	.rename = direct_rename,
	.sweep = direct_sweep,
	.room = direct_room,
	.open_object = direct_open_object,
	.read = direct_read,
	.create_object = direct_create_object,
	.append = direct_append,
	.commit = direct_commit,
	.close_object = direct_close_object,
};
