#include "io/fetches.h"

#include "backends/backend.h"
#include "io/blocks.h"
#include "io/files.h"
#include "io/reads.h"

#include <errno.h>

#define BLOCK_OF(l) CONTAINER_OF(l, struct block, link)

/* One fetch of so many is not used to fetch ahead. */
#define RESERVE 8u

/* ---- The queue ---------------------------------------------------------- */

static void queue(struct block *b)
{
	struct cache *c = b->file->cache;

	b->state = BLOCK_QUEUED;
	list_put_last(b->demanded ? &c->demanded : &c->prefetched, &b->link);
	c->stats.queued++;
}

void fetches_forget(struct block *b)
{
	list_take(&b->link);
	if (!b->parked)
		b->file->cache->stats.queued--;
	b->parked = false;
}

void fetches_want(struct block *b, bool demanded)
{
	if (b->state == BLOCK_FETCHING) {
		b->cancel = false; /* it may be too late: see finish() */
		return;
	}
	if (b->state == BLOCK_QUEUED) {
		if (b->demanded || !demanded)
			return;
		if (b->parked) {
			b->demanded = true;
			return;
		}
		fetches_forget(b);
	}
	b->demanded = demanded;
	queue(b);
}

bool fetches_have_room(const struct cache *c)
{
	return c->stats.fetching + c->stats.queued <
	       c->concurrency - c->concurrency / RESERVE;
}

/* The next to be fetched; those of a file that is being opened are set
 * aside. */
static struct block *take(struct cache *c)
{
	struct block *b;
	struct link *l;

	while ((l = list_first(&c->demanded)) ||
	       (l = list_first(&c->prefetched))) {
		b = BLOCK_OF(l);
		fetches_forget(b);
		if (b->file->object || !b->file->opening)
			return b;
		list_put_last(&b->file->parked, &b->link);
		b->parked = true;
	}
	return NULL;
}

/* ---- Fetching ----------------------------------------------------------- */

/* Without the lock. */
static int open_object(struct cache_file *f, struct object **out)
{
	int rc = object_open_sized(f->store, f->name, &f->size, out);

	if (rc == 0 && (*out)->size != f->size) {
		object_close(TAKE(*out));
		rc = -ESTALE;
	}
	return rc;
}

/* Without the lock, but for the store's answer. */
static int fetch(struct block *b, bool demanded, uint64_t *version)
{
	struct object_read rd = {
		.buf = b->data,
		.len = b->len,
		.offset = b->offset,
		.flags = demanded ? 0 : OBJECT_READ_AHEAD,
		.cancel = &b->cancel,
	};
	ssize_t got = object_read(b->file->object, &rd);

	*version = rd.version;
	if (got < 0)
		return (int)got;
	return (size_t)got == b->len ? 0 : -ESTALE;
}

/* It is another object now: what we have of it serves nobody any more. */
static void make_stale(struct cache_file *f)
{
	f->error = -ESTALE;
	versions_end(&f->cache->versions, f->hash);
	files_grow_old(f->cache, f->hash);
	files_unlist(f);
	blocks_purge(f);
}

/* Is this of the object that was read before, too? */
static int check_version(const struct cache_file *f, uint64_t version)
{
	if (f->error)
		return f->error;
	if (f->hash == 0 || version == 0 ||
	    versions_seen(&f->cache->versions, f->hash, version))
		return 0;
	return -ESTALE;
}

static void fail(struct block *b, int rc)
{
	b->state = BLOCK_FAILED;
	blocks_set_ahead(b, false);
	blocks_detach(b);
	reads_block_is_ready(b, rc);
	if (b->holds == 0)
		blocks_drop(b);
}

static void finish(struct block *b, int rc)
{
	struct cache *c = b->file->cache;

	c->stats.fetching--;
	c->stats.fetches++;
	if (rc == -ECANCELED && b->holds == 0) {
		c->stats.cancelled++;
		blocks_drop(b);
	} else if (rc == -ECANCELED && b->given_up) {
		/* Somebody came just then. */
		b->cancel = b->given_up = false;
		b->demanded = true;
		queue(b);
	} else if (rc < 0) {
		fail(b, rc);
	} else {
		c->stats.fetched += b->len;
		b->state = BLOCK_READY;
		b->cancel = false;
		reads_block_is_ready(b, 0);
		if (b->holds == 0)
			blocks_settle(b);
	}
}

/* The file's object, which the first of its fetches opens.  What has been set
 * aside meanwhile goes on, or fails with it. */
static int need_object(struct block *b)
{
	struct cache_file *f = b->file;
	struct cache *c = f->cache;
	struct object *o;
	struct link *l;
	int rc;

	if (f->object)
		return 0;
	f->opening = true;
	pthread_mutex_unlock(&c->lock);
	rc = open_object(f, &o);
	pthread_mutex_lock(&c->lock);
	f->opening = false;
	if (rc == 0)
		f->object = o;
	while ((l = list_first(&f->parked))) {
		struct block *parked = BLOCK_OF(l);

		fetches_forget(parked);
		if (rc == 0)
			queue(parked);
		else
			fail(parked, rc);
	}
	return rc;
}

static void run(struct pool_job *job)
{
	struct fetcher *me = CONTAINER_OF(job, struct fetcher, job);
	struct cache *c = me->cache;
	struct cache_file *f;
	struct block *b;
	uint64_t version;
	bool demanded;
	int rc;

	pthread_mutex_lock(&c->lock);
	c->called--;
	b = take(c);
	if (b) {
		f = b->file;
		f->n_blocks++; /* it stays until we have done */
		b->state = BLOCK_FETCHING;
		c->stats.fetching++;
		rc = need_object(b);
		if (rc == 0) {
			fetches_start(c);
			demanded = b->demanded;
			pthread_mutex_unlock(&c->lock);
			rc = fetch(b, demanded, &version);
			pthread_mutex_lock(&c->lock);
			if (rc == 0)
				rc = check_version(f, version);
		}
		finish(b, rc);
		if (rc == -ESTALE && !f->error)
			make_stale(f);
		f->n_blocks--;
		files_settle(f);
	}
	me->next = c->idle;
	c->idle = me;
	reads_settle(c);
}

void fetches_start(struct cache *c)
{
	while (c->called < c->stats.queued && c->idle) {
		struct fetcher *f = c->idle;

		c->idle = f->next;
		c->called++;
		pool_submit(c->pool, &f->job);
	}
}

void fetches_init(struct cache *c)
{
	list_init(&c->demanded);
	list_init(&c->prefetched);
	for (unsigned i = 0; i < c->concurrency; i++) {
		struct fetcher *f = &c->fetchers[i];

		*f = (struct fetcher){ .cache = c,
				       .job.run = run,
				       .next = c->idle };
		c->idle = f;
	}
}
