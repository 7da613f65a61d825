#include "fuse/ops.h"

#include "backends/backend.h"
#include "base/buffers.h"
#include "fuse/call.h"
#include "fuse/changes.h"
#include "fuse/folders.h"
#include "fuse/handle.h"
#include "fuse/later.h"
#include "fuse/server.h"
#include "fuse/space.h"
#include "fuse/watch.h"
#include "fuse/writes.h"
#include "base/pool.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/statvfs.h>

static struct handle *handle_of(const struct fuse_file_info *fi)
{
	return (struct handle *)(uintptr_t)fi->fh;
}

static bool is_control(const struct call *c, fuse_ino_t ino)
{
	return space_place(c->server->space, ino).area == SPACE_CONTROL;
}

/* ---- The connection ----------------------------------------------------- */

static void want(struct fuse_conn_info *conn, uint64_t capability)
{
#if FUSE_VERSION >= FUSE_MAKE_VERSION(3, 17)
	fuse_set_feature_flag(conn, capability);
#else
	conn->want |= conn->capable & (unsigned)capability;
#endif
}

static void ops_init(void *userdata, struct fuse_conn_info *conn)
{
	const struct server *s = userdata;
	uint64_t one = 1;

	conn->max_write = CALL_BYTES;
	conn->max_background = s->max_background;
	conn->congestion_threshold = s->max_background / 4 * 3;
#if FUSE_VERSION >= FUSE_MAKE_VERSION(3, 18)
	conn->no_interrupt = 1; /* see watch.h for what we do instead */
#endif
	want(conn, FUSE_CAP_PARALLEL_DIROPS);
#ifdef FUSE_CAP_DIRECT_IO_ALLOW_MMAP
	want(conn, FUSE_CAP_DIRECT_IO_ALLOW_MMAP);
#endif
	if (write(s->ready_fd, &one, sizeof(one)) < 0)
		return; /* mount_open() will say that it waited in vain */
}

static void ops_statfs(fuse_req_t req, fuse_ino_t ino)
{
	struct call c = call_begin(req, REC_OTHER);
	struct statvfs st = { .f_bsize = 4096, .f_frsize = 4096 };
	uint64_t files, bytes;

	(void)ino;
	space_totals(c.server->space, &files, &bytes);
	st.f_files = files;
	st.f_blocks = round_up(bytes, st.f_frsize) / st.f_frsize;
	st.f_namemax = 255;
	if (c.server->writable) {
		/* A store has no size that we know of; programs that look
		 * before they write shall not be put off. */
		st.f_bfree = st.f_bavail = ((uint64_t)1 << 50) / st.f_frsize;
		st.f_blocks += st.f_bfree;
		st.f_ffree = st.f_favail = (uint64_t)1 << 32;
		st.f_files += st.f_ffree;
	}
	call_statfs(&c, &st);
}

/* ---- Names and attributes ----------------------------------------------- */

static void look_up(struct call *c, fuse_ino_t folder, const char *name,
		    struct fuse_file_info *fi)
{
	struct space_entry e;
	int rc = space_lookup(c->server->space, folder, name, &e);

	(void)fi;
	if (rc == -ENOENT) {
		call_no_entry(c, &e);
		return;
	}
	c->unrecorded = rc == 0 && is_control(c, e.st.st_ino);
	call_entry(c, rc, &e);
}

static void ops_lookup(fuse_req_t req, fuse_ino_t folder, const char *name)
{
	struct call c = call_begin(req, REC_STAT);

	if (space_is_listed(c.server->space, folder, name))
		look_up(&c, folder, name, NULL);
	else
		later_do(&c, folder, name, NULL, look_up);
}

static void ops_forget(fuse_req_t req, fuse_ino_t ino, uint64_t holds)
{
	struct call c = call_begin(req, REC_OTHER);

	space_forget(c.server->space, ino, holds);
	call_silence(&c);
}

static void ops_forget_multi(fuse_req_t req, size_t n,
			     struct fuse_forget_data *forgets)
{
	struct call c = call_begin(req, REC_OTHER);

	for (size_t i = 0; i < n; i++)
		space_forget(c.server->space, forgets[i].ino,
			     forgets[i].nlookup);
	call_silence(&c);
}

static void ops_getattr(fuse_req_t req, fuse_ino_t ino,
			struct fuse_file_info *fi)
{
	struct call c = call_begin(req, REC_STAT);
	struct space_entry e;
	int rc = space_stat(c.server->space, ino, &e);

	(void)fi;
	c.unrecorded = is_control(&c, ino);
	call_attr(&c, rc, &e);
}

/* ---- Opening to read ---------------------------------------------------- */

struct open_job {
	struct pool_job job;
	struct call call;
	fuse_ino_t ino;
	struct fuse_file_info fi;
};

/* Who opens with O_DIRECT gets past the page cache without our doing, and his
 * large reads are cut into requests that the kernel sends all at once; with
 * direct_io it would send one after the other. */
static void choose_cache(const struct server *s, struct fuse_file_info *fi)
{
	fi->noflush = 1;
	fi->keep_cache = s->cache == MOUNT_WARM;
	fi->direct_io = s->cache == MOUNT_DIRECT && !(fi->flags & O_DIRECT);
}

/* Reply to open with a handle made from this. */
static void give_handle(struct call *c, struct fuse_file_info *fi,
			const struct handle *h, int rc)
{
	struct handle *copy = NULL;

	if (rc == 0) {
		copy = handle_add(c->server->handles, h);
		rc = copy ? 0 : -ENOMEM;
	}
	if (!watch_claim(c)) {
		if (copy)
			handle_close(c->server->handles, copy, false);
		return;
	}
	if (rc < 0) {
		call_status(c, rc);
		return;
	}
	fi->fh = (uintptr_t)copy;
	if (call_opened(c, fi) == -ENOENT)
		handle_close(c->server->handles, copy, false);
}

static void open_object(struct open_job *o)
{
	struct handle h = { .kind = HANDLE_OBJECT };
	int rc = space_open(o->call.server->space, o->ino, &h.object);

	choose_cache(o->call.server, &o->fi);
	give_handle(&o->call, &o->fi, &h, rc);
}

static void open_text(struct open_job *o)
{
	struct handle h = { .kind = HANDLE_TEXT };
	int rc = space_render(o->call.server->space, o->ino, &h.text,
			      &h.text_len);

	o->fi.direct_io = 1; /* stat says size 0; the text ends where it ends */
	o->fi.noflush = 1;
	give_handle(&o->call, &o->fi, &h, rc);
}

static void open_waiting(struct pool_job *job)
{
	struct open_job *o = CONTAINER_OF(job, struct open_job, job);

	if (is_control(&o->call, o->ino))
		open_text(o);
	else
		open_object(o);
	free(o);
}

static void ops_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct open_job here = { .job.run = open_waiting,
				 .call = call_begin(req, REC_OPEN),
				 .ino = ino,
				 .fi = *fi };
	struct open_job *later;

	if ((fi->flags & O_ACCMODE) != O_RDONLY) {
		writes_open(&here.call, ino, fi);
		return;
	}
	if (space_opens_at_once(here.call.server->space, ino)) {
		open_object(&here);
		return;
	}
	here.call.unrecorded = is_control(&here.call, ino);
	later = malloc(sizeof(*later));
	if (!later) {
		call_status(&here.call, -ENOMEM);
		return;
	}
	*later = here;
	watch_call(&later->call);
	pool_submit(here.call.server->pool, &later->job);
}

/* ---- Reading ------------------------------------------------------------ */

/* A read, in the first page of the buffer that its bytes go to. */
struct read_job {
	struct pool_job job;
	struct call call;
	struct handle *handle;
	struct object_read read;
};

_Static_assert(sizeof(struct read_job) <= CALL_PAGE, "bytes come after it");

static void read_waiting(struct pool_job *job)
{
	struct read_job *r = CONTAINER_OF(job, struct read_job, job);
	struct buffers *buffers = r->call.server->buffers;
	ssize_t got;

	r->read.flags = 0;
	got = object_read(r->handle->object, &r->read);
	if (watch_claim(&r->call))
		call_bytes(&r->call, got, r->read.buf);
	handle_drop(r->handle);
	buffers_put(buffers, r);
}

static void read_object(const struct call *c, struct handle *h, size_t size,
			off_t off)
{
	struct read_job *r;
	ssize_t got;

	if (size > CALL_BYTES) {
		call_status(c, -EINVAL);
		return;
	}
	r = buffers_get(c->server->buffers);
	if (!r) {
		call_status(c, -ENOMEM);
		return;
	}
	*r = (struct read_job){
		.job.run = read_waiting,
		.call = *c,
		.handle = h,
		.read = { .buf = call_buffer_bytes(r),
			  .len = size,
			  .offset = (uint64_t)off,
			  .flags = OBJECT_READ_NOWAIT },
	};
	got = object_read(h->object, &r->read);
	if (got != -EAGAIN) {
		call_bytes(c, got, r->read.buf);
		buffers_put(c->server->buffers, r);
		return;
	}
	handle_hold(h);
	watch_call(&r->call);
	pool_submit(c->server->pool, &r->job);
}

/* Replies from a copy: the reader may have closed the file, and its text be
 * gone, before the call that replies has returned. */
static void read_text(const struct call *c, const struct handle *h, size_t size,
		      off_t off)
{
	size_t at = MIN((size_t)off, h->text_len);
	size_t len = MIN(MIN(size, h->text_len - at), CALL_BYTES);
	void *buffer = buffers_get(c->server->buffers);

	if (!buffer) {
		call_status(c, -ENOMEM);
		return;
	}
	memcpy(call_buffer_bytes(buffer), h->text + at, len);
	call_bytes(c, (ssize_t)len, call_buffer_bytes(buffer));
	buffers_put(c->server->buffers, buffer);
}

static void ops_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
		     struct fuse_file_info *fi)
{
	struct call c = call_begin(req, REC_READ);
	struct handle *h = handle_of(fi);

	(void)ino;
	switch (h->kind) {
	case HANDLE_OBJECT:
		read_object(&c, h, size, off);
		break;
	case HANDLE_TEXT:
		c.unrecorded = true;
		read_text(&c, h, size, off);
		break;
	case HANDLE_WRITER:
		call_status(&c, -EBUSY); /* when it is closed, open it again */
		break;
	}
}

/* ---- Closing ------------------------------------------------------------ */

static void ops_flush(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct call c = call_begin(req, REC_COMMIT);

	(void)ino;
	if (handle_of(fi)->kind == HANDLE_WRITER)
		writes_flush(&c, handle_of(fi));
	else
		call_status(&c, 0);
}

static void ops_fsync(fuse_req_t req, fuse_ino_t ino, int datasync,
		      struct fuse_file_info *fi)
{
	struct call c = call_begin(req, REC_COMMIT);

	(void)ino;
	(void)datasync;
	if (handle_of(fi)->kind == HANDLE_WRITER)
		writes_sync(&c, handle_of(fi));
	else
		call_status(&c, 0);
}

static void ops_release(fuse_req_t req, fuse_ino_t ino,
			struct fuse_file_info *fi)
{
	struct call c = call_begin(req, REC_CLOSE);
	struct handle *h = handle_of(fi);

	(void)ino;
	if (h->kind == HANDLE_WRITER) {
		writes_release(&c, h);
		return;
	}
	c.unrecorded = h->kind == HANDLE_TEXT;
	handle_close(c.server->handles, h, false);
	call_status(&c, 0);
}

/* ENOSYS would do, but kernels differ in what they make of it. */
static void ops_ioctl(fuse_req_t req, fuse_ino_t ino, unsigned int command,
		      void *arg, struct fuse_file_info *fi, unsigned flags,
		      const void *in, size_t in_size, size_t out_size)
{
	struct call c = call_begin(req, REC_OTHER);

	(void)ino;
	(void)command;
	(void)arg;
	(void)fi;
	(void)flags;
	(void)in;
	(void)in_size;
	(void)out_size;
	call_status(&c, -ENOTTY);
}

/* What is not here is ENOSYS, which the kernel remembers: access (it checks
 * permissions itself), extended attributes, lseek, locks, fsyncdir. */
static const struct fuse_lowlevel_ops table = {
	.init = ops_init,
	.statfs = ops_statfs,
	.lookup = ops_lookup,
	.forget = ops_forget,
	.forget_multi = ops_forget_multi,
	.getattr = ops_getattr,
	.opendir = folders_opendir,
	.readdir = folders_readdir,
	.readdirplus = folders_readdirplus,
	.releasedir = folders_releasedir,
	.open = ops_open,
	.read = ops_read,
	.flush = ops_flush,
	.fsync = ops_fsync,
	.release = ops_release,
	.ioctl = ops_ioctl,
	.setattr = changes_setattr,
	.create = writes_create,
	.write = writes_write,
	.mkdir = changes_mkdir,
	.rmdir = changes_rmdir,
	.unlink = changes_unlink,
	.rename = changes_rename,
	.symlink = changes_symlink,
	.mknod = changes_mknod,
};

const struct fuse_lowlevel_ops *ops_table(void)
{
	return &table;
}
