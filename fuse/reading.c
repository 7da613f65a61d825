#include "fuse/reading.h"

#include "backends/backend.h"
#include "base/buffers.h"
#include "base/pool.h"
#include "fuse/branch.h"
#include "fuse/call.h"
#include "fuse/handle.h"
#include "fuse/prefetch.h"
#include "fuse/server.h"
#include "fuse/space.h"
#include "fuse/watch.h"
#include "fuse/writes.h"
#include "io/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

static struct handle *handle_of(const struct fuse_file_info *fi)
{
	return (struct handle *)(uintptr_t)fi->fh;
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
	fi->keep_cache = s->cache_policy == MOUNT_WARM;
	fi->direct_io = s->cache_policy == MOUNT_DIRECT &&
			!(fi->flags & O_DIRECT);
}

/* The kernel has one set of pages for all who have the file open. */
static void mind_others(const struct handle *h, struct fuse_file_info *fi)
{
	if (cache_replaced(h->reader))
		fi->keep_cache = 0;
	if (cache_apart(h->reader))
		fi->direct_io = 1;
}

static unsigned cache_flags(const struct server *s)
{
	return s->cache_policy == MOUNT_WARM ? 0 : CACHE_FRESH;
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

/* An object behind a network is read through the cache, by this handle only:
 * another may be written in its place meanwhile. */
static int adopt(struct server *s, fuse_ino_t ino, struct handle *h)
{
	struct object *o = h->object;
	int rc;

	if (o->backend->local)
		return 0;
	h->kind = HANDLE_CACHED;
	rc = cache_adopt(s->cache, o, h->branch ? 0 : ino, cache_flags(s),
			 &h->reader);
	if (rc < 0)
		object_close(o);
	return rc;
}

static void open_object(struct open_job *o)
{
	struct server *s = o->call.server;
	struct handle h = { .kind = HANDLE_OBJECT };
	struct space_place place;
	int rc = space_open(s->space, o->ino, &h.object, &h.edition);

	if (space_writable(s->space, o->ino, &place) == 0) {
		h.branch = place.branch;
		h.number = place.number;
	}
	if (rc == 0)
		rc = adopt(s, o->ino, &h);
	choose_cache(s, &o->fi);
	if (rc == 0 && h.kind == HANDLE_CACHED)
		mind_others(&h, &o->fi);
	give_handle(&o->call, &o->fi, &h, rc);
}

/* What the policy says of the page cache goes for the block cache, too. */
static void open_cached(struct open_job *o, const struct space_object *object)
{
	struct server *s = o->call.server;
	struct handle h = { .kind = HANDLE_CACHED };
	int rc = cache_open(s->cache, object->store, object->name, object->size,
			    cache_flags(s), &h.reader);

	choose_cache(s, &o->fi);
	if (rc == 0)
		mind_others(&h, &o->fi);
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

	if (o->call.unrecorded)
		open_text(o);
	else
		open_object(o);
	free(o);
}

/* What may be written is waited for. */
static struct pool *pool_to_open(const struct server *s, fuse_ino_t ino)
{
	struct space_place place;

	return space_writable(s->space, ino, &place) == 0 ? s->openers :
							    s->pool;
}

void reading_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct open_job here = { .job.run = open_waiting,
				 .call = call_begin(req, REC_OPEN),
				 .ino = ino,
				 .fi = *fi };
	const struct space *sp = here.call.server->space;
	struct space_object object;
	struct open_job *later;

	if ((fi->flags & O_ACCMODE) != O_RDONLY) {
		if (space_takes_text(sp, ino))
			prefetch_open(&here.call, fi);
		else
			writes_open(&here.call, ino, fi);
		return;
	}
	if (space_opens_at_once(sp, ino)) {
		open_object(&here);
		return;
	}
	if (space_object(sp, ino, &object) == 0 && !object.store->local) {
		open_cached(&here, &object);
		return;
	}
	here.call.unrecorded = space_place(sp, ino).area == SPACE_CONTROL;
	later = malloc(sizeof(*later));
	if (!later) {
		call_status(&here.call, -ENOMEM);
		return;
	}
	*later = here;
	watch_call(&later->call);
	pool_submit(pool_to_open(here.call.server, ino), &later->job);
}

/* ---- Reading from the store --------------------------------------------- */

/* A read, in the first page of the buffer that its bytes go to. */
struct read_job {
	struct pool_job job;
	struct call call;
	struct handle *handle;
	struct object_read read;
	_Atomic bool cancel; /* for the store */
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

static void give_up_read(struct call *c)
{
	CONTAINER_OF(c, struct read_job, call)->cancel = true;
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
	r->read.cancel = &r->cancel;
	r->call.given_up = give_up_read;
	watch_call(&r->call);
	pool_submit(c->server->pool, &r->job);
}

/* ---- Reading through the cache ------------------------------------------ */

struct cached_job {
	struct cache_read read;
	struct call call;
	struct handle *handle;
};

static void read_has_come(struct cache_read *rd, ssize_t result,
			  const struct iovec *iov, int n)
{
	struct cached_job *j = CONTAINER_OF(rd, struct cached_job, read);

	if (watch_claim(&j->call))
		call_pieces(&j->call, result, iov, n);
	handle_drop(j->handle);
	free(j);
}

static void give_up_cached(struct call *c)
{
	struct cached_job *j = CONTAINER_OF(c, struct cached_job, call);

	cache_cancel(j->handle->reader, &j->read);
}

static void read_cached(const struct call *c, struct handle *h, size_t size,
			off_t off)
{
	struct cached_job *j = malloc(sizeof(*j));

	if (!j) {
		call_status(c, -ENOMEM);
		return;
	}
	*j = (struct cached_job){
		.read = { .offset = (uint64_t)off,
			  .len = size,
			  .done = read_has_come },
		.call = *c,
		.handle = h,
	};
	j->call.given_up = give_up_cached;
	handle_hold(h);
	watch_call(&j->call);
	cache_read(h->reader, &j->read);
}

/* ---- Reading ------------------------------------------------------------ */

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

/* The kernel has one set of pages for a file, whatever was in it when it was
 * opened: bytes from before would be seen by those who open it now.  It drops
 * what is underway when a file is truncated. */
static bool is_written_anew(const struct handle *h)
{
	return h->branch &&
	       !branch_is_current(h->branch, h->number, h->edition);
}

static void read_file(const struct call *c, struct handle *h, size_t size,
		      off_t off)
{
	if (is_written_anew(h))
		call_status(c, -ESTALE);
	else if (h->kind == HANDLE_OBJECT)
		read_object(c, h, size, off);
	else
		read_cached(c, h, size, off);
}

void reading_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
		  struct fuse_file_info *fi)
{
	struct call c = call_begin(req, REC_READ);
	struct handle *h = handle_of(fi);

	(void)ino;
	switch (h->kind) {
	case HANDLE_OBJECT:
	case HANDLE_CACHED:
		read_file(&c, h, size, off);
		break;
	case HANDLE_TEXT:
		c.unrecorded = true;
		read_text(&c, h, size, off);
		break;
	case HANDLE_PREFETCH:
		call_status(&c, -EBADF);
		break;
	case HANDLE_WRITER:
		call_status(&c, -EBUSY); /* when it is closed, open it again */
		break;
	case HANDLE_FOLDER:
		call_status(&c, -EISDIR);
		break;
	}
}
