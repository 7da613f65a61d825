#include "io/crawl.h"

#include "base/pool.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

/* Folders to have in hand for each thread before going deep. */
#define ENOUGH 4

struct crawl {
	struct backend *backend;
	struct pool *pool;
	size_t enough;
	_Atomic size_t folders; /* in hand: to be listed, or being listed */
	_Atomic int rc;

	pthread_mutex_t lock; /* one name at a time */
	backend_list_fn fn;
	void *arg;
};

struct folder {
	struct pool_job job;
	struct crawl *crawl;
	char prefix[];
};

static void give_up(struct crawl *c, int rc)
{
	int none = 0;

	atomic_compare_exchange_strong(&c->rc, &none, rc);
}

static int give(struct crawl *c, const char *name,
		const struct object_info *info)
{
	LOCKED(&c->lock);

	return c->rc ? c->rc : c->fn(c->arg, name, info);
}

static void list_folder(struct pool_job *job);

static int submit(struct crawl *c, const char *prefix)
{
	size_t size = strlen(prefix) + 1;
	struct folder *f = malloc(sizeof(*f) + size);

	if (!f)
		return -ENOMEM;
	f->job.run = list_folder;
	f->crawl = c;
	memcpy(f->prefix, prefix, size);
	c->folders++;
	pool_submit(c->pool, &f->job);
	return 0;
}

static int listed(void *arg, const char *name, const struct object_info *info)
{
	struct folder *f = arg;
	size_t len = strlen(name);

	/* An object that is called as its folder is no folder in it. */
	if (len > 0 && name[len - 1] == '/' && strcmp(name, f->prefix) != 0)
		return submit(f->crawl, name);
	return give(f->crawl, name, info);
}

static int listed_deep(void *arg, const char *name,
		       const struct object_info *info)
{
	struct folder *f = arg;

	return give(f->crawl, name, info);
}

static void list_folder(struct pool_job *job)
{
	struct folder *f = CONTAINER_OF(job, struct folder, job);
	struct crawl *c = f->crawl;
	bool deep = c->folders >= c->enough;
	int rc = 0;

	if (!c->rc)
		rc = backend_list(c->backend, f->prefix,
				  deep ? BACKEND_DEEP : BACKEND_SHALLOW,
				  deep ? listed_deep : listed, f);
	if (rc)
		give_up(c, rc);
	c->folders--;
	free(f);
}

int crawl(struct backend *b, const char *prefix, unsigned threads,
	  backend_list_fn fn, void *arg)
{
	struct crawl c = { .backend = b,
			   .enough = (size_t)ENOUGH * threads,
			   .lock = PTHREAD_MUTEX_INITIALIZER,
			   .fn = fn,
			   .arg = arg };
	int rc;

	if (b->local || threads < 2)
		return backend_list(b, prefix, BACKEND_DEEP, fn, arg);
	rc = pool_new(threads, &c.pool);
	if (rc)
		return rc;
	rc = submit(&c, prefix);
	/* Jobs beget jobs, so no thread may end before all are done. */
	while (pool_drain(c.pool, UINT64_MAX / 2) < 0)
		;
	pool_free(c.pool);
	pthread_mutex_destroy(&c.lock);
	return rc ? rc : c.rc;
}
