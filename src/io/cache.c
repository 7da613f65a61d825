#include "io/cache.h"

#include "backends/backend.h"
#include "io/ahead.h"
#include "io/blocks.h"
#include "io/fetches.h"
#include "io/files.h"
#include "io/hints.h"
#include "io/memory.h"
#include "io/reads.h"

#include <errno.h>
#include <inttypes.h>

/* Of the budget, for what nobody has asked for yet; the rest is for those who
 * read. */
#define AHEAD_SHARE(budget) ((budget) / 4 * 3)
#define HINTS_SHARE(budget) ((budget) / 2)

/* So many blocks fit into the least budget, whatever reads need besides. */
#define LEAST_BLOCKS 8u

int cache_new(const struct cache_options *o, struct cache **out)
{
	unsigned concurrency = MAX(o->concurrency, 1);
	uint64_t budget = MAX(o->memory, CACHE_LEAST);
	struct cache *c =
		calloc(1, sizeof(*c) + concurrency * sizeof(struct fetcher));
	int rc;

	if (!c)
		return -ENOMEM;
	rc = memory_new(budget, &c->memory);
	if (rc < 0) {
		free(c);
		return rc;
	}
	c->pool = o->pool;
	c->concurrency = concurrency;
	c->ahead_most = AHEAD_SHARE(budget);
	c->hints_most = HINTS_SHARE(budget);
	c->block = CACHE_BLOCK;
	while (c->block > budget / LEAST_BLOCKS)
		c->block /= 2;
	pthread_mutex_init(&c->lock, NULL);
	list_init(&c->opened);
	list_init(&c->unused);
	list_init(&c->unread);
	list_init(&c->behind);
	reads_init(c);
	hints_init(c);
	fetches_init(c);
	*out = c;
	return 0;
}

void cache_free(struct cache *c)
{
	struct link *l;

	if (!c)
		return;
	hints_forget(c);
	while ((l = list_first(&c->unread)) || (l = list_first(&c->unused)))
		blocks_drop(CONTAINER_OF(l, struct block, link));
	files_bury(c->dead);
	versions_free(&c->versions);
	memory_free(c->memory);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

void cache_stop(struct cache *c)
{
	struct link *l;

	pthread_mutex_lock(&c->lock);
	c->stopping = true;
	hints_forget(c);
	while ((l = list_first(&c->prefetched)))
		blocks_drop(CONTAINER_OF(l, struct block, link));
	for (unsigned i = 0; i < CACHE_BUCKETS; i++)
		for (struct cache_file *f = c->files[i]; f; f = f->next)
			blocks_cancel(f);
	reads_settle(c);
}

/* ---- Opening ------------------------------------------------------------ */

/* With the lock held.  Where the kernel keeps pages, it may have those of what
 * was read before: nobody would read what is fetched now. */
static void add_reader(struct cache_file *f, struct cache_reader *r,
		       bool kernel_keeps)
{
	r->file = f;
	r->replaced = versions_ended(&f->cache->versions, f->hash);
	r->apart = files_are_old(f->cache, f->hash);
	if (f->n_readers++ == 0)
		files_opened(f);
	f->cache->stats.readers++;
	list_put_last(&f->readers, &r->link);
	ahead_begin(r);
	if (!kernel_keeps || !versions_known(&f->cache->versions, f->hash))
		ahead_open(r);
}

/* What is known and may serve whoever opens now.  With the lock held. */
static struct cache_file *known(struct cache *c, struct backend *store,
				const char *name, uint64_t size, bool fresh)
{
	struct cache_file *f = files_find(c, store, name);

	if (!f)
		return NULL;
	if (f->size == size && (f->n_readers > 0 || f->n_hinted > 0 || !fresh))
		return f;
	files_unlist(f);
	blocks_purge(f);
	return NULL;
}

int cache_open(struct cache *c, struct backend *store, const char *name,
	       uint64_t size, unsigned flags, struct cache_reader **out)
{
	AUTO_FREE struct cache_reader *r = calloc(1, sizeof(*r));
	struct cache_file *f, *made;
	int rc;

	if (!r)
		return -ENOMEM;
	rc = files_new(c, store, name, size, &made);
	if (rc < 0)
		return rc;
	made->fresh = flags & CACHE_FRESH;
	pthread_mutex_lock(&c->lock);
	f = known(c, store, name, size, flags & CACHE_FRESH);
	if (!f) {
		f = TAKE(made);
		files_add(f);
		if (f->fresh)
			versions_forget(&c->versions, f->hash);
	}
	if (f->n_readers == 0)
		f->fresh = flags & CACHE_FRESH; /* a hint made it */
	*out = r;
	add_reader(f, TAKE(r), !(flags & CACHE_FRESH));
	hints_opened(f);
	reads_settle(c);
	files_bury(made);
	return 0;
}

int cache_adopt(struct cache *c, struct object *o, uint64_t id, unsigned flags,
		struct cache_reader **out)
{
	AUTO_FREE struct cache_reader *r = calloc(1, sizeof(*r));
	struct cache_file *f;
	int rc;

	if (!r)
		return -ENOMEM;
	rc = files_new(c, NULL, NULL, o->size, &f);
	if (rc < 0)
		return rc;
	f->object = o;
	f->fresh = true;
	f->hash = id;
	pthread_mutex_lock(&c->lock);
	if (flags & CACHE_FRESH && !files_are_open(c, id))
		versions_forget(&c->versions, id);
	*out = r;
	add_reader(f, TAKE(r), !(flags & CACHE_FRESH));
	reads_settle(c);
	return 0;
}

bool cache_replaced(const struct cache_reader *r)
{
	return r->replaced;
}

bool cache_apart(const struct cache_reader *r)
{
	return r->apart;
}

void cache_close(struct cache_reader *r)
{
	struct cache_file *f;
	struct cache *c;

	if (!r)
		return;
	f = r->file;
	c = f->cache;
	pthread_mutex_lock(&c->lock);
	list_take(&r->link);
	f->n_blocks++; /* it stays until we have done */
	if (--f->n_readers == 0)
		files_closed(f);
	if (r->replaced && !r->apart)
		versions_cleaned(&c->versions, f->hash);
	c->stats.readers--;
	ahead_end(r);
	if (f->n_readers == 0 && (f->fresh || !f->at))
		blocks_purge(f); /* but for what is hinted at */
	f->n_blocks--;
	files_settle(f);
	reads_settle(c);
	free(r);
}

int cache_hint(struct cache *c, struct backend *store, const char *name,
	       uint64_t size, uint64_t offset, uint64_t len)
{
	int rc;

	pthread_mutex_lock(&c->lock);
	rc = c->stopping ? 0 : hints_add(c, store, name, size, offset, len);
	reads_settle(c);
	return rc;
}

/* ---- The rest ----------------------------------------------------------- */

void cache_read(struct cache_reader *r, struct cache_read *rd)
{
	reads_submit(r, rd);
}

void cache_cancel(struct cache_reader *r, struct cache_read *rd)
{
	reads_cancel(r, rd);
}

void cache_stats(struct cache *c, struct cache_stats *out)
{
	LOCKED(&c->lock);

	*out = c->stats;
	out->budget = memory_budget(c->memory);
	out->used = memory_used(c->memory);
	out->kept = memory_kept(c->memory);
	out->ahead = c->ahead;
	out->hints = c->hints.waiting;
	out->hinted = c->hints.bytes;
}

void cache_print(const struct cache_stats *st, FILE *out)
{
	const struct {
		const char *name;
		uint64_t value;
	} rows[] = {
		{ "budget_bytes", st->budget },
		{ "used_bytes", st->used },
		{ "kept_bytes", st->kept },
		{ "ahead_bytes", st->ahead },
		{ "hinted_bytes", st->hinted },
		{ "hints_waiting", st->hints },
		{ "files", st->files },
		{ "readers", st->readers },
		{ "blocks", st->blocks },
		{ "reads_waiting", st->waiting },
		{ "reads_without_memory", st->starving },
		{ "fetching", st->fetching },
		{ "queued", st->queued },
		{ "reads", st->reads },
		{ "reads_at_hand", st->at_hand },
		{ "fetches", st->fetches },
		{ "fetched_bytes", st->fetched },
		{ "cancelled", st->cancelled },
		{ "evicted", st->evicted },
		{ "hints_given", st->hints_given },
		{ "hints_used", st->hints_used },
		{ "hints_dropped", st->hints_dropped },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		fprintf(out, "%s %" PRIu64 "\n", rows[i].name, rows[i].value);
}
