#include "fuse/server.h"

#include "backends/backend.h"
#include "base/buffers.h"
#include "base/memlimit.h"
#include "base/pool.h"
#include "fuse/call.h"
#include "fuse/control.h"
#include "fuse/handle.h"
#include "fuse/prefetch.h"
#include "fuse/space.h"
#include "fuse/watch.h"
#include "io/cache.h"

#include <errno.h>

#define KEPT_BUFFERS 64
#define IO_THREADS 16

static unsigned clamp(long n, unsigned low, unsigned high)
{
	return n < low ? low : n > high ? high : (unsigned)n;
}

/* What suits the pickiest of the stores. */
static size_t alignment_of(const struct mount_options *o)
{
	size_t alignment = CALL_PAGE;

	for (size_t i = 0; i < o->n_exports; i++)
		alignment = MAX(alignment, o->exports[i].store->alignment);
	return alignment;
}

static bool all_local(const struct mount_options *o)
{
	for (size_t i = 0; i < o->n_exports; i++)
		if (!o->exports[i].store->local)
			return false;
	return true;
}

static void render_cache(void *arg, FILE *out)
{
	const struct server *s = arg;
	struct cache_stats st;

	cache_stats(s->cache, &st);
	cache_print(&st, out);
}

/* Besides those asked for the mount has a file for hints and, with a cache, one
 * about that. */
static int open_space(struct server *s, const struct mount_options *o)
{
	struct mount_file *files =
		calloc(o->n_control + 2, sizeof(struct mount_file));
	struct mount_options more = *o;
	int rc;

	if (!files)
		return -ENOMEM;
	for (size_t i = 0; i < o->n_control; i++)
		files[i] = o->control[i];
	files[o->n_control] =
		(struct mount_file){ CONTROL_PREFETCH, prefetch_render, s };
	files[o->n_control + 1] =
		(struct mount_file){ "cache", render_cache, s };
	more.control = files;
	more.n_control = o->n_control + 1 + !all_local(o);
	rc = space_new(&more, s->buffers, &s->space);
	free(files);
	return rc;
}

int server_open(struct server *s, const struct mount_options *o)
{
	unsigned io_threads = o->io_threads ? o->io_threads : IO_THREADS;
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	int rc;

	s->recorder = o->recorder;
	s->cache_policy = o->cache;
	s->fuse_threads = o->fuse_threads ? o->fuse_threads :
					    clamp(2 * cpus, 4, 64);
	s->max_background = o->max_background ? o->max_background :
						clamp(2 * cpus, 64, 256);
	for (size_t i = 0; i < o->n_exports; i++)
		s->writable |= o->exports[i].writable;

	rc = buffers_new(CALL_BUFFER, alignment_of(o), KEPT_BUFFERS,
			 &s->buffers);
	if (rc == 0)
		rc = handle_set_new(&s->handles);
	if (rc == 0)
		rc = watch_new(&s->watch);
	if (rc == 0)
		rc = open_space(s, o);
	if (rc == 0)
		rc = pool_new(io_threads, &s->pool);
	if (rc == 0 && s->writable)
		rc = pool_new(io_threads, &s->openers);
	if (rc == 0 && !all_local(o))
		rc = cache_new(
			&(struct cache_options){
				.pool = s->pool,
				.concurrency = io_threads,
				.memory = o->memory ? o->memory :
						      memlimit_bytes() / 4,
			},
			&s->cache);
	return rc;
}

/* What is opened may be fetched ahead. */
int server_drain(struct server *s, uint64_t deadline_ns)
{
	int rc = s->openers ? pool_drain(s->openers, deadline_ns) : 0;

	return rc == 0 && s->pool ? pool_drain(s->pool, deadline_ns) : rc;
}

void server_close(struct server *s, bool commit)
{
	pool_free(s->openers);
	pool_free(s->pool);
	watch_free(s->watch);
	handle_set_free(s->handles, commit);
	cache_free(s->cache);
	space_free(s->space);
	buffers_free(s->buffers);
}
