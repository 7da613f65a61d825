#include "io/blocks.h"

#include "io/fetches.h"
#include "io/files.h"
#include "io/hints.h"
#include "io/memory.h"

#define BLOCK_OF(l) CONTAINER_OF(l, struct block, link)

/* ---- Finding ------------------------------------------------------------ */

void blocks_find(struct cache_file *f, uint64_t offset,
		 struct blocks_place *out)
{
	uint64_t chunk = offset / CACHE_BLOCK;
	struct block **at = &f->chunks[chunk];

	*out = (struct blocks_place){
		.begin = chunk * CACHE_BLOCK,
		.end = MIN((chunk + 1) * CACHE_BLOCK, f->size),
	};
	for (; *at && (*at)->offset <= offset; at = &(*at)->next) {
		if (offset < (*at)->offset + (*at)->len) {
			out->block = *at;
			out->where = at;
			return;
		}
		out->begin = (*at)->offset + (*at)->len;
	}
	if (*at)
		out->end = (*at)->offset;
	out->where = at;
}

struct block *blocks_after(struct cache_file *f, uint64_t offset, uint64_t end)
{
	uint64_t last = (MIN(end, f->size) + CACHE_BLOCK - 1) / CACHE_BLOCK;

	for (uint64_t chunk = offset / CACHE_BLOCK; chunk < last; chunk++)
		for (struct block *b = f->chunks[chunk]; b; b = b->next)
			if (b->offset + b->len > offset)
				return b->offset < end ? b : NULL;
	return NULL;
}

/* ---- Memory ------------------------------------------------------------- */

void blocks_set_ahead(struct block *b, bool ahead)
{
	struct cache *c = b->file->cache;

	if (b->ahead == ahead)
		return;
	b->ahead = ahead;
	if (ahead)
		c->ahead += memory_size(b->len);
	else
		c->ahead -= memory_size(b->len);
}

void blocks_set_hinted(struct block *b, bool hinted)
{
	struct hints *h = &b->file->cache->hints;
	size_t size = memory_size(b->len);

	if (b->hinted == hinted)
		return;
	b->hinted = hinted;
	if (hinted) {
		b->hinted_at = h->clock;
		b->file->n_hinted++;
		h->blocks++;
		h->bytes += size;
	} else {
		b->file->n_hinted--;
		h->blocks--;
		h->bytes -= size;
	}
}

/* The one to go first: the least recently used, or else, if it must be, what
 * is furthest ahead of its reader. */
static struct block *victim(struct cache *c, enum blocks_purpose purpose)
{
	if (!list_is_empty(&c->unused))
		return BLOCK_OF(list_first(&c->unused));
	if (purpose >= BLOCKS_WINDOW && !list_is_empty(&c->hints.ready))
		return BLOCK_OF(list_last(&c->hints.ready));
	if (purpose >= BLOCKS_READ && !list_is_empty(&c->unread))
		return BLOCK_OF(list_last(&c->unread));
	return NULL;
}

static void *make_room(struct cache *c, size_t len, enum blocks_purpose purpose)
{
	void *data = memory_get(c->memory, len);
	struct block *b;

	while (!data && (b = victim(c, purpose))) {
		c->stats.evicted++;
		blocks_drop(b);
		data = memory_get(c->memory, len);
	}
	return data;
}

/* ---- Making and dropping ------------------------------------------------ */

struct block *blocks_make(struct cache_file *f, uint64_t begin, uint64_t end,
			  enum blocks_purpose purpose)
{
	struct block *b = calloc(1, sizeof(*b));
	struct blocks_place gap;

	if (!b)
		return NULL;
	begin = round_down(begin, BLOCKS_GRAIN);
	end = MIN(round_up(end, BLOCKS_GRAIN), f->size);
	*b = (struct block){ .file = f, .offset = begin, .len = end - begin };
	f->n_blocks++; /* so that the file stays whatever is dropped */
	b->data = make_room(f->cache, b->len, purpose);
	if (!b->data) {
		f->n_blocks--;
		free(b);
		return NULL;
	}
	blocks_find(f, begin, &gap); /* others may have gone for this one */
	b->at = gap.where;
	b->next = *b->at;
	*b->at = b;
	if (b->next)
		b->next->at = &b->next;
	f->cache->stats.blocks++;
	return b;
}

void blocks_detach(struct block *b)
{
	if (!b->at)
		return;
	*b->at = b->next;
	if (b->next)
		b->next->at = b->at;
	b->at = NULL;
}

void blocks_drop(struct block *b)
{
	struct cache_file *f = b->file;

	blocks_set_ahead(b, false);
	hints_lost(b);
	blocks_detach(b);
	if (b->state == BLOCK_QUEUED)
		fetches_forget(b);
	list_take(&b->link);
	memory_put(f->cache->memory, b->data, b->len);
	f->cache->stats.blocks--;
	f->n_blocks--;
	free(b);
	files_settle(f);
}

/* ---- Holding ------------------------------------------------------------ */

void blocks_hold(struct block *b)
{
	if (b->holds++ == 0 && b->state == BLOCK_READY)
		list_take(&b->link);
	blocks_set_ahead(b, false);
	hints_used(b);
}

/* With two readers, the second one may be behind. */
static bool is_used_up(const struct block *b)
{
	return b->read >= b->len && b->file->n_readers <= 1;
}

void blocks_settle(struct block *b)
{
	struct cache *c = b->file->cache;

	if (is_used_up(b) || b->file->error || files_is_over(b->file))
		blocks_drop(b);
	else
		list_put_last(b->hinted ? &c->hints.ready :
			      b->ahead	? &c->unread :
					  &c->unused,
			      &b->link);
}

void blocks_let_go(struct block *b)
{
	if (--b->holds > 0)
		return;
	if (b->state == BLOCK_READY)
		blocks_settle(b);
	else if (b->state == BLOCK_FAILED || b->state == BLOCK_NEW)
		blocks_drop(b);
	else
		blocks_abandon(b);
}

static bool is_wanted(const struct block *b)
{
	const struct cache_file *f = b->file;

	if (b->hinted)
		return true;
	for (struct link *l = f->readers.next; l != &f->readers; l = l->next)
		if (streams_want(
			    &CONTAINER_OF(l, struct cache_reader, link)->streams,
			    b->offset, b->offset + b->len))
			return true;
	return false;
}

void blocks_abandon(struct block *b)
{
	if (b->holds > 0 || is_wanted(b))
		return;
	switch (b->state) {
	case BLOCK_NEW:
	case BLOCK_QUEUED:
		blocks_drop(b);
		break;
	case BLOCK_FETCHING:
		blocks_set_ahead(b, false);
		b->cancel = b->given_up = true;
		break;
	case BLOCK_READY:
		blocks_set_ahead(b, false);
		list_take(&b->link);
		list_put_first(&b->file->cache->unused, &b->link);
		break;
	case BLOCK_FAILED:
		break;
	}
}

/* A hint has made it, and somebody may still open the file. */
static bool is_kept(const struct block *b)
{
	return b->hinted && b->file->at;
}

void blocks_cancel(struct cache_file *f)
{
	for (uint64_t i = 0; i < f->n_chunks; i++)
		for (struct block *b = f->chunks[i]; b; b = b->next)
			if (b->state == BLOCK_FETCHING && b->holds == 0 &&
			    !is_kept(b))
				b->cancel = b->given_up = true;
}

/* The file is gone after the last block, if nobody has it open. */
void blocks_purge(struct cache_file *f)
{
	struct block *b, *next;

	blocks_cancel(f);
	f->n_blocks++;
	for (uint64_t i = 0; i < f->n_chunks; i++)
		for (b = f->chunks[i]; b; b = next) {
			next = b->next;
			if (b->holds == 0 && !is_kept(b) &&
			    (b->state == BLOCK_READY ||
			     b->state == BLOCK_QUEUED))
				blocks_drop(b);
		}
	f->n_blocks--;
	files_settle(f);
}
