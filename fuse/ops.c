#include "fuse/ops.h"

#include "fuse/call.h"
#include "fuse/changes.h"
#include "fuse/folders.h"
#include "fuse/handle.h"
#include "fuse/later.h"
#include "fuse/prefetch.h"
#include "fuse/reading.h"
#include "fuse/server.h"
#include "fuse/space.h"
#include "fuse/writes.h"

#include <errno.h>
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

/* ---- Writing ------------------------------------------------------------ */

static void ops_write(fuse_req_t req, fuse_ino_t ino, const char *data,
		      size_t len, off_t off, struct fuse_file_info *fi)
{
	if (handle_of(fi)->kind == HANDLE_PREFETCH)
		prefetch_write(req, data, len, fi);
	else
		writes_write(req, ino, data, len, off, fi);
}

/* ---- Closing ------------------------------------------------------------ */

static void ops_flush(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct call c = call_begin(req, REC_COMMIT);

	(void)ino;
	if (handle_of(fi)->kind == HANDLE_WRITER)
		writes_flush(&c, handle_of(fi));
	else if (handle_of(fi)->kind == HANDLE_PREFETCH)
		prefetch_flush(&c, handle_of(fi));
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
	c.unrecorded = h->kind == HANDLE_TEXT || h->kind == HANDLE_PREFETCH;
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
	.open = reading_open,
	.read = reading_read,
	.flush = ops_flush,
	.fsync = ops_fsync,
	.release = ops_release,
	.ioctl = ops_ioctl,
	.setattr = changes_setattr,
	.create = writes_create,
	.write = ops_write,
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
