#include "io/files.h"

#include "backends/backend.h"
#include "base/text.h"

#include <errno.h>
#include <string.h>

/* The store's address is mixed in, over all of the bits. */
static uint64_t hash_of(const struct backend *store, const char *name)
{
	return text_hash(name) ^ (uintptr_t)store * 0x9e3779b97f4a7c15u;
}

static unsigned index_of(uint64_t hash)
{
	return (unsigned)(hash >> 32) % CACHE_BUCKETS;
}

unsigned files_bucket(const struct backend *store, const char *name)
{
	return index_of(hash_of(store, name));
}

static struct cache_file **bucket_of(struct cache *c, uint64_t hash)
{
	return &c->files[index_of(hash)];
}

struct cache_file *files_find(struct cache *c, const struct backend *store,
			      const char *name)
{
	struct cache_file *f = *bucket_of(c, hash_of(store, name));

	while (f && (f->store != store || strcmp(f->name, name) != 0))
		f = f->next;
	return f;
}

static void destroy(struct cache_file *f)
{
	object_close(f->object);
	free(f->chunks);
	free(f->name);
	free(f);
}

int files_new(struct cache *c, struct backend *store, const char *name,
	      uint64_t size, struct cache_file **out)
{
	struct cache_file *f = calloc(1, sizeof(*f));

	if (!f)
		return -ENOMEM;
	f->cache = c;
	f->store = store;
	f->size = size;
	f->n_chunks = size / CACHE_BLOCK + (size % CACHE_BLOCK != 0);
	f->chunks = calloc(f->n_chunks + 1, sizeof(struct block *));
	f->name = name ? strdup(name) : NULL;
	f->hash = name ? hash_of(store, name) : 0;
	list_init(&f->parked);
	list_init(&f->readers);
	if (!f->chunks || (name && !f->name)) {
		destroy(f);
		return -ENOMEM;
	}
	*out = f;
	return 0;
}

void files_add(struct cache_file *f)
{
	struct cache_file **bucket = bucket_of(f->cache, f->hash);

	f->next = *bucket;
	f->at = bucket;
	if (f->next)
		f->next->at = &f->next;
	*bucket = f;
	f->cache->stats.files++;
}

void files_unlist(struct cache_file *f)
{
	if (!f->at)
		return;
	*f->at = f->next;
	if (f->next)
		f->next->at = f->at;
	f->at = NULL;
	f->cache->stats.files--;
}

bool files_is_over(const struct cache_file *f)
{
	return f->n_readers == 0 && f->n_hinted == 0 && (f->fresh || !f->at);
}

void files_settle(struct cache_file *f)
{
	if (f->n_readers > 0 || f->n_blocks > 0 || f->opening)
		return;
	files_unlist(f);
	f->next = f->cache->dead;
	f->cache->dead = f;
}

void files_bury(struct cache_file *dead)
{
	while (dead) {
		struct cache_file *next = dead->next;

		destroy(dead);
		dead = next;
	}
}

/* ---- Which are open ------------------------------------------------------ */

#define OPENED(l) CONTAINER_OF(l, struct cache_file, opened)

void files_opened(struct cache_file *f)
{
	list_put_last(&f->cache->opened, &f->opened);
}

void files_closed(struct cache_file *f)
{
	list_take(&f->opened);
	f->cache->n_old -= f->old;
}

bool files_are_open(const struct cache *c, uint64_t hash)
{
	for (struct link *l = c->opened.next; l != &c->opened; l = l->next)
		if (OPENED(l)->hash == hash)
			return true;
	return false;
}

void files_grow_old(struct cache *c, uint64_t hash)
{
	if (!hash)
		return;
	for (struct link *l = c->opened.next; l != &c->opened; l = l->next) {
		struct cache_file *f = OPENED(l);

		if (f->hash == hash && !f->old) {
			f->old = true;
			c->n_old++;
		}
	}
}

bool files_are_old(const struct cache *c, uint64_t hash)
{
	if (c->n_old == 0 || !hash)
		return false;
	for (struct link *l = c->opened.next; l != &c->opened; l = l->next)
		if (OPENED(l)->hash == hash && OPENED(l)->old)
			return true;
	return false;
}
