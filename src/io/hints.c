#include "io/hints.h"

#include "backends/backend.h"
#include "io/blocks.h"
#include "io/fetches.h"
#include "io/files.h"
#include "io/memory.h"

#include <errno.h>
#include <string.h>

#define HINT_OF(l) CONTAINER_OF(l, struct hint, link)

/* Of what hints may have, for one file that is larger than a block: the rest
 * comes through its reader's window. */
#define ONE_OF 4u

/* ---- The queue ---------------------------------------------------------- */

void hints_init(struct cache *c)
{
	list_init(&c->hints.queue);
	list_init(&c->hints.ready);
}

static void put(struct cache *c, struct hint *h)
{
	struct hint **bucket =
		&c->hints.buckets[files_bucket(h->store, h->name)];

	h->next = *bucket;
	h->at = bucket;
	if (h->next)
		h->next->at = &h->next;
	*bucket = h;
	list_put_last(&c->hints.queue, &h->link);
	c->hints.waiting++;
	c->hints.ranged += h->ranged;
}

static void take(struct cache *c, struct hint *h)
{
	*h->at = h->next;
	if (h->next)
		h->next->at = h->at;
	list_take(&h->link);
	c->hints.waiting--;
	c->hints.ranged -= h->ranged;
	free(h);
}

static bool is_about(const struct hint *h, const struct backend *store,
		     const char *name)
{
	return h->store == store && strcmp(h->name, name) == 0;
}

/* What waits and says the same. */
static bool is_known(const struct cache *c, const struct hint *new)
{
	const struct hint *h =
		c->hints.buckets[files_bucket(new->store, new->name)];

	for (; h; h = h->next)
		if (is_about(h, new->store, new->name) &&
		    h->size == new->size && h->ranged == new->ranged &&
		    h->begin == new->begin && h->end == new->end)
			return true;
	return false;
}

/* Objects of one block are fetched whole, whatever is wanted of them; of large
 * ones of which all is wanted, the beginning. */
static void set_range(const struct cache *c, struct hint *h, uint64_t offset,
		      uint64_t len)
{
	uint64_t most = MAX(c->hints_most / ONE_OF, c->block);

	h->ranged = len > 0 && h->size > c->block;
	if (h->ranged) {
		h->begin = round_down(offset, BLOCKS_GRAIN);
		h->end = offset + MIN(len, h->size - offset);
	} else {
		h->end = h->size <= c->block ? h->size : MIN(h->size, most);
	}
}

int hints_add(struct cache *c, struct backend *store, const char *name,
	      uint64_t size, uint64_t offset, uint64_t len)
{
	size_t room = strlen(name) + 1;
	struct hint *h;

	c->stats.hints_given++;
	if (offset >= size)
		return 0; /* there is nothing to fetch */
	h = c->hints.waiting < HINTS_MOST ? calloc(1, sizeof(*h) + room) : NULL;
	if (!h) {
		c->stats.hints_dropped++;
		return -ENOSPC;
	}
	memcpy(h->name, name, room);
	h->store = store;
	h->size = size;
	set_range(c, h, offset, len);
	if (is_known(c, h))
		free(h);
	else
		put(c, h);
	return 0;
}

void hints_forget(struct cache *c)
{
	struct link *l;

	while ((l = list_first(&c->hints.queue)))
		take(c, HINT_OF(l));
	while ((l = list_first(&c->hints.ready)))
		blocks_drop(CONTAINER_OF(l, struct block, link));
	for (unsigned i = 0; i < CACHE_BUCKETS && c->hints.blocks > 0; i++)
		for (struct cache_file *f = c->files[i]; f; f = f->next)
			for (uint64_t k = 0; k < f->n_chunks; k++)
				for (struct block *b = f->chunks[k]; b;
				     b = b->next)
					hints_lost(b);
}

/* ---- Being used --------------------------------------------------------- */

static void count_used(struct cache *c)
{
	c->hints.clock++;
	c->stats.hints_used++;
}

void hints_used(struct block *b)
{
	if (!b->hinted)
		return;
	blocks_set_hinted(b, false);
	count_used(b->file->cache);
}

void hints_lost(struct block *b)
{
	if (!b->hinted)
		return;
	blocks_set_hinted(b, false);
	b->file->cache->stats.hints_dropped++;
}

/* From now on it is ahead of a reader. */
static void hand_over(struct block *b)
{
	hints_used(b);
	blocks_set_ahead(b, true);
	if (b->state != BLOCK_READY)
		return;
	list_take(&b->link);
	list_put_last(&b->file->cache->unread, &b->link);
}

void hints_opened(struct cache_file *f)
{
	struct cache *c = f->cache;
	struct hint *h = c->hints.buckets[files_bucket(f->store, f->name)];
	struct hint *next;

	for (; h; h = next) {
		next = h->next;
		if (h->ranged || !is_about(h, f->store, f->name))
			continue;
		take(c, h);
		count_used(c);
	}
	for (uint64_t i = 0; i < f->n_chunks && f->n_hinted > 0; i++)
		for (struct block *b = f->chunks[i]; b; b = b->next)
			if (b->hinted && !b->ranged)
				hand_over(b);
}

void hints_read(const struct cache_file *f, uint64_t offset, uint64_t len)
{
	struct cache *c = f->cache;
	struct hint *h, *next;

	if (c->hints.ranged == 0 || !f->store)
		return;
	h = c->hints.buckets[files_bucket(f->store, f->name)];
	for (; h; h = next) {
		next = h->next;
		if (!h->ranged || !is_about(h, f->store, f->name) ||
		    h->begin + BLOCKS_GRAIN <= offset ||
		    h->begin >= offset + len)
			continue;
		take(c, h);
		count_used(c);
	}
}

/* ---- Filling ------------------------------------------------------------ */

/* The object of a hint, if it is worth fetching now.  What was fetched before
 * the hint, and may not serve who opens now, goes. */
static struct cache_file *file_of(struct cache *c, const struct hint *h)
{
	struct cache_file *f = files_find(c, h->store, h->name);

	if (f && f->n_readers == 0 &&
	    (f->size != h->size || files_is_over(f))) {
		files_unlist(f);
		blocks_purge(f);
		f = NULL;
	}
	if (f)
		return f->size != h->size || (f->n_readers > 0 && !h->ranged) ?
			       NULL :
			       f;
	if (files_new(c, h->store, h->name, h->size, &f) < 0)
		return NULL;
	f->fresh = true; /* whoever opens it says how long it stays */
	files_add(f);
	return f;
}

/* The first hint that has come and that its reader has passed. */
static struct block *stale(const struct cache *c)
{
	const struct hints *h = &c->hints;
	struct link *l = list_first(&c->hints.ready);
	struct block *b = l ? CONTAINER_OF(l, struct block, link) : NULL;

	if (b && h->clock - b->hinted_at > HINTS_LATE + 2 * h->blocks)
		return b;
	return NULL;
}

/* For the next block of a hint; what is stale makes some. */
static bool has_room(struct cache *c, uint64_t bytes)
{
	size_t size = memory_size(bytes);
	struct block *b;

	while (c->hints.bytes + size > c->hints_most ||
	       c->hints.bytes + c->ahead + size > c->ahead_most) {
		b = stale(c);
		if (!b)
			return false;
		blocks_drop(b);
	}
	return true;
}

/* In a gap.  false: there is no memory. */
static bool make_block(struct hint *h, struct cache_file *f, uint64_t end)
{
	struct block *b = blocks_make(f, h->begin, end, BLOCKS_HINT);

	if (!b)
		return false;
	b->ranged = h->ranged;
	blocks_set_hinted(b, true);
	fetches_want(b, false);
	h->begin = end;
	return true;
}

/* One more block of a hint.  false: there is no room. */
static bool fill_hint(struct cache *c, struct hint *h)
{
	uint64_t end = MIN(h->end, round_up(h->begin + 1, c->block));
	struct blocks_place p;
	struct cache_file *f;
	bool made = true;

	if (!has_room(c, end - h->begin))
		return false;
	f = file_of(c, h);
	if (!f) {
		take(c, h);
		return true;
	}
	f->n_blocks++; /* it stays until we have done */
	blocks_find(f, h->begin, &p);
	if (p.block)
		h->begin = p.block->offset + p.block->len;
	else
		made = make_block(h, f, MIN(end, p.end));
	if (h->begin >= h->end)
		take(c, h);
	f->n_blocks--;
	files_settle(f);
	return made;
}

void hints_fill(struct cache *c)
{
	struct link *l;

	while (!c->stopping && fetches_have_room(c) &&
	       (l = list_first(&c->hints.queue)))
		if (!fill_hint(c, HINT_OF(l)))
			return;
}
