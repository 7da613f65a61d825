#include "fuse/writes.h"

#include "base/buffers.h"
#include "fuse/call.h"
#include "fuse/handle.h"
#include "fuse/process.h"
#include "fuse/server.h"
#include "fuse/space.h"
#include "fuse/watch.h"
#include "fuse/writer.h"
#include "io/strand.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

/* To be asked before the call is submitted: then it may be gone. */
static pid_t thread_of(const struct call *c)
{
	return fuse_req_ctx(c->req)->pid;
}

/* Whose thread it is that writes or closes.  Only in the strand. */
static int64_t process_of(struct handle *h, pid_t thread)
{
	if (thread != h->thread) {
		h->thread = thread;
		h->process = process_of_thread(thread);
	}
	return h->process;
}

struct commit_job {
	struct pool_job job;
	struct call call;
	struct handle *handle;
	pid_t thread;
};

static struct commit_job *new_job(void)
{
	return malloc(sizeof(struct commit_job));
}

/* ---- Opening ------------------------------------------------------------ */

/* A handle for a writer, which goes with it, or is abandoned. */
static int new_handle(const struct call *c, struct writer *w, int64_t process,
		      struct handle **out)
{
	struct handle h = { .kind = HANDLE_WRITER,
			    .writer = w,
			    .thread = thread_of(c),
			    .process = process };
	int rc = strand_new(c->server->pool, &h.strand);

	h.release = new_job();
	*out = rc == 0 && h.release ? handle_add(c->server->handles, &h) : NULL;
	if (*out)
		return 0;
	free(h.release);
	strand_drop(h.strand);
	writer_abandon(w);
	return -ENOMEM;
}

/* Not through the page cache, which would only keep what nobody may read
 * before it is committed, and might cut large writes into small ones. */
static void set_flags(struct fuse_file_info *fi, const struct handle *h)
{
	fi->fh = (uintptr_t)h;
	fi->direct_io = 1;
}

void writes_create(fuse_req_t req, fuse_ino_t folder, const char *name,
		   mode_t mode, struct fuse_file_info *fi)
{
	struct call c = call_begin(req, REC_CREATE);
	const struct fuse_ctx *ctx = fuse_req_ctx(req);
	int64_t process = process_of_thread(ctx->pid);
	struct branch_attr attr;
	struct space_place p;
	struct space_entry e;
	struct writer *w;
	struct handle *h;
	int rc = space_writable(c.server->space, folder, &p);

	if (rc == 0)
		rc = writer_create(p.branch, p.number, name, mode, ctx->uid,
				   ctx->gid, process, &attr, &w);
	if (rc == 0) {
		space_describe(c.server->space, &p, &attr, &e);
		rc = new_handle(&c, w, process, &h);
		if (rc)
			branch_forget(p.branch, attr.number, 1);
	}
	if (rc) {
		call_status(&c, rc);
		return;
	}
	set_flags(fi, h);
	if (call_created(&c, &e, fi) == -ENOENT) {
		handle_close(c.server->handles, h, false);
		branch_forget(p.branch, attr.number, 1);
	}
}

/* Opening may have to wait for whoever writes it now. */
struct open_job {
	struct pool_job job;
	struct call call;
	struct space_place place;
	struct fuse_file_info fi;
};

static void open_existing(struct pool_job *job)
{
	struct open_job *o = CONTAINER_OF(job, struct open_job, job);
	int64_t process = process_of_thread(thread_of(&o->call));
	struct writer *w;
	struct handle *h;
	int rc = writer_open(o->place.branch, o->place.number,
			     o->fi.flags & O_TRUNC, process, &w);

	if (rc == 0)
		rc = new_handle(&o->call, w, process, &h);
	if (rc) {
		call_status(&o->call, rc);
	} else {
		set_flags(&o->fi, h);
		if (call_opened(&o->call, &o->fi) == -ENOENT)
			handle_close(o->call.server->handles, h, false);
	}
	free(o);
}

void writes_open(const struct call *c, fuse_ino_t ino,
		 const struct fuse_file_info *fi)
{
	struct space_place place;
	struct open_job *o;
	int rc = space_writable(c->server->space, ino, &place);

	if (rc < 0) {
		call_status(c, rc);
		return;
	}
	o = malloc(sizeof(*o));
	if (!o) {
		call_status(c, -ENOMEM);
		return;
	}
	*o = (struct open_job){
		.job.run = open_existing, .call = *c, .place = place, .fi = *fi
	};
	pool_submit(c->server->openers, &o->job);
}

/* ---- Writing ------------------------------------------------------------ */

/* A write, in the first page of the buffer that has its bytes. */
struct write_job {
	struct pool_job job;
	struct call call;
	struct handle *handle;
	pid_t thread;
	size_t len;
	uint64_t offset;
};

_Static_assert(sizeof(struct write_job) <= CALL_PAGE, "bytes come after it");

static void write_waiting(struct pool_job *job)
{
	struct write_job *w = CONTAINER_OF(job, struct write_job, job);
	struct buffers *buffers = w->call.server->buffers;
	int rc = writer_write(w->handle->writer, call_buffer_bytes(w), w->len,
			      w->offset, process_of(w->handle, w->thread));

	if (watch_claim(&w->call))
		call_written(&w->call, rc, w->len);
	buffers_put(buffers, w);
}

/* -EAGAIN: it would have to wait. */
static int try_write(const struct call *c, struct handle *h, const char *data,
		     size_t len, off_t off)
{
	int rc;

	if (!strand_try_enter(h->strand))
		return -EAGAIN;
	rc = writer_accept(h->writer, data, len, (uint64_t)off,
			   process_of(h, thread_of(c)));
	strand_leave(h->strand);
	return rc;
}

void writes_write(fuse_req_t req, fuse_ino_t ino, const char *data, size_t len,
		  off_t off, struct fuse_file_info *fi)
{
	struct call c = call_begin(req, REC_WRITE);
	struct handle *h = (struct handle *)(uintptr_t)fi->fh;
	struct write_job *w;
	int rc = len > CALL_BYTES ? -EINVAL : try_write(&c, h, data, len, off);

	(void)ino;
	if (rc != -EAGAIN) {
		call_written(&c, rc, len);
		return;
	}
	w = buffers_get(c.server->buffers);
	if (!w) {
		call_status(&c, -ENOMEM);
		return;
	}
	*w = (struct write_job){ .job.run = write_waiting,
				 .call = c,
				 .handle = h,
				 .thread = thread_of(&c),
				 .len = len,
				 .offset = (uint64_t)off };
	/* data is gone when this handler returns. */
	memcpy(call_buffer_bytes(w), data, len);
	watch_call(&w->call);
	strand_submit(h->strand, &w->job);
}

/* ---- Committing --------------------------------------------------------- */

/* Takes the job; NULL: there was no memory for it. */
static void submit(struct commit_job *j, const struct call *c, struct handle *h,
		   void (*run)(struct pool_job *))
{
	if (!j) {
		call_status(c, -ENOMEM);
		return;
	}
	*j = (struct commit_job){ { .run = run }, *c, h, thread_of(c) };
	watch_call(&j->call);
	strand_submit(h->strand, &j->job);
}

/* The end of a job. */
static void finish(struct commit_job *j, int rc)
{
	if (watch_claim(&j->call))
		call_status(&j->call, rc);
	free(j);
}

static void flush(struct pool_job *job)
{
	struct commit_job *j = CONTAINER_OF(job, struct commit_job, job);
	int64_t process = process_of(j->handle, j->thread);

	finish(j, writer_flush(j->handle->writer, process));
}

void writes_flush(const struct call *c, struct handle *h)
{
	submit(new_job(), c, h, flush);
}

static void sync_file(struct pool_job *job)
{
	struct commit_job *j = CONTAINER_OF(job, struct commit_job, job);

	finish(j, writer_sync(j->handle->writer));
}

void writes_sync(const struct call *c, struct handle *h)
{
	submit(new_job(), c, h, sync_file);
}

static void release(struct pool_job *job)
{
	struct commit_job *j = CONTAINER_OF(job, struct commit_job, job);

	finish(j, handle_close(j->call.server->handles, j->handle, true));
}

void writes_release(const struct call *c, struct handle *h)
{
	submit(TAKE(h->release), c, h, release);
}
