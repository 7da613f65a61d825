#include "fuse/prefetch.h"

#include "backends/backend.h"
#include "fuse/call.h"
#include "fuse/handle.h"
#include "fuse/hintlines.h"
#include "fuse/server.h"
#include "fuse/space.h"
#include "io/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>

/* It is open once; writes may still come from several threads. */
struct prefetch_file {
	struct server *server;
	pthread_mutex_t lock; /* guards the lines */
	struct hintlines lines;
};

/* Too many is not the line's fault: the cache counts it. */
static bool take(void *arg, const char *path, uint64_t offset, uint64_t len)
{
	const struct prefetch_file *f = arg;
	const struct server *s = f->server;
	struct space_object o;

	if (space_find(s->space, path, &o) < 0)
		return false;
	if (s->cache && !o.store->local)
		(void)!cache_hint(s->cache, o.store, o.name, o.size, offset,
				  len);
	return true;
}

static int new_file(struct server *s, struct prefetch_file **out)
{
	struct prefetch_file *f = calloc(1, sizeof(*f));

	if (!f)
		return -ENOMEM;
	f->server = s;
	f->lines.take = take;
	f->lines.arg = f;
	pthread_mutex_init(&f->lock, NULL);
	*out = f;
	return 0;
}

void prefetch_free(struct prefetch_file *f)
{
	if (!f)
		return;
	pthread_mutex_destroy(&f->lock);
	free(f);
}

/* With the lock held. */
static void count(struct prefetch_file *f)
{
	f->server->hints_taken += f->lines.taken;
	f->server->hints_ignored += f->lines.ignored;
	f->lines.taken = f->lines.ignored = 0;
}

void prefetch_open(struct call *c, struct fuse_file_info *fi)
{
	struct handle h = { .kind = HANDLE_PREFETCH }, *copy;
	int rc = (fi->flags & O_ACCMODE) == O_WRONLY ? 0 : -EACCES;

	c->unrecorded = true;
	if (rc == 0)
		rc = new_file(c->server, &h.prefetch);
	if (rc < 0) {
		call_status(c, rc);
		return;
	}
	copy = handle_add(c->server->handles, &h);
	if (!copy) {
		prefetch_free(h.prefetch);
		call_status(c, -ENOMEM);
		return;
	}
	fi->fh = (uintptr_t)copy;
	fi->direct_io = 1; /* each write as it is written, in order */
	fi->nonseekable = 1;
	if (call_opened(c, fi) == -ENOENT)
		handle_close(c->server->handles, copy, false);
}

void prefetch_write(fuse_req_t req, const char *data, size_t len,
		    struct fuse_file_info *fi)
{
	struct call c = call_begin(req, REC_WRITE);
	struct handle *h = (struct handle *)(uintptr_t)fi->fh;
	struct prefetch_file *f = h->prefetch;

	c.unrecorded = true;
	pthread_mutex_lock(&f->lock);
	hintlines_write(&f->lines, data, len);
	count(f);
	pthread_mutex_unlock(&f->lock);
	call_written(&c, 0, len);
}

void prefetch_flush(struct call *c, struct handle *h)
{
	struct prefetch_file *f = h->prefetch;

	c->unrecorded = true;
	pthread_mutex_lock(&f->lock);
	hintlines_end(&f->lines);
	count(f);
	pthread_mutex_unlock(&f->lock);
	call_status(c, 0);
}

void prefetch_render(void *arg, FILE *out)
{
	const struct server *s = arg;

	fprintf(out, "lines_taken %" PRIu64 "\nlines_ignored %" PRIu64 "\n",
		s->hints_taken, s->hints_ignored);
}
