#include "io/ahead.h"

#include "base/clock.h"
#include "io/blocks.h"
#include "io/fetches.h"
#include "io/memory.h"

/* ---- How much ----------------------------------------------------------- */

/* The most that one window may have: a fair share, and no more than keeps all
 * fetches busy twice over, beyond which only memory grows. */
static uint64_t window_most(const struct cache *c)
{
	uint64_t share = c->ahead_most / MAX(c->streaming, 1);

	return MAX(MIN(share, 2 * c->concurrency * c->block), c->block);
}

static uint64_t part_of(const struct cache_reader *r, const struct stream *s)
{
	const struct cache *c = r->file->cache;

	if (r->file->size <= c->block)
		return c->block;
	return streams_part(MIN(s->window, window_most(c)), c->block);
}

static uint64_t target_of(struct cache_reader *r, struct stream *s)
{
	return MIN(streams_target(s, window_most(r->file->cache)),
		   r->file->size);
}

static bool is_behind(struct cache_reader *r)
{
	for (unsigned i = 0; i < STREAMS && !r->file->error; i++)
		if (r->streams.stream[i].fetched <
		    target_of(r, &r->streams.stream[i]))
			return true;
	return false;
}

static void look(struct cache_reader *r)
{
	if (!list_has(&r->behind) && is_behind(r))
		list_put_last(&r->file->cache->behind, &r->behind);
}

/* ---- Readers ------------------------------------------------------------ */

void ahead_begin(struct cache_reader *r)
{
	streams_init(&r->streams);
}

void ahead_open(struct cache_reader *r)
{
	struct stream *s = &r->streams.stream[0];

	if (r->file->size > r->file->cache->block)
		return;
	s->window = STREAMS_FIRST_WINDOW;
	s->target = r->file->size;
	look(r);
}

/* What is ahead of a stream that will not read on. */
static void abandon(struct cache_file *f, uint64_t begin, uint64_t end)
{
	struct block *b;

	while (begin < end && (b = blocks_after(f, begin, end))) {
		begin = b->offset + b->len;
		blocks_abandon(b);
	}
}

void ahead_end(struct cache_reader *r)
{
	struct cache *c = r->file->cache;

	list_take(&r->behind);
	if (r->streaming)
		c->streaming--;
	abandon(r->file, 0, r->file->size);
}

/* What a stream has jumped over: as far back as reads may still come that
 * others have overtaken. */
static void pass(struct cache_file *f, struct stream *s)
{
	uint64_t back = s->next - MIN(s->next, STREAMS_FORWARD);

	if (back < s->passed + MIB)
		return;
	abandon(f, s->passed, back);
	s->passed = back;
}

/* ---- Reads -------------------------------------------------------------- */

void ahead_note(struct cache_read *rd)
{
	struct cache_reader *r = rd->reader;
	struct cache *c = r->file->cache;
	struct streams_range left;

	rd->stream = streams_read(&r->streams, rd->offset, rd->len, &left);
	abandon(r->file, left.begin, left.end);
	pass(r->file, rd->stream);
	if (!r->streaming && rd->stream->window > 0 &&
	    r->file->size > c->block) {
		r->streaming = true;
		c->streaming++;
	}
	look(r);
}

/* The first block of a stream is its first window. */
struct streams_range ahead_demand(const struct cache_read *rd, uint64_t at)
{
	const struct cache_reader *r = rd->reader;
	const struct stream *s = rd->stream;
	uint64_t most = r->file->cache->block;
	struct streams_range range =
		streams_exact(at, rd->offset + rd->len - at);

	if (s->window > 0) {
		if (s->window == STREAMS_FIRST_WINDOW && s->fetched <= at)
			range.end = range.begin + s->window;
		else
			range.end = round_up(at + 1, part_of(r, s));
		if (r->file->size <= most)
			range = (struct streams_range){ 0, r->file->size };
	}
	range.end = MIN(range.end, MAX(range.begin + most, at + 1));
	return range;
}

void ahead_demanded(struct cache_read *rd, const struct block *b)
{
	if (rd->stream->window > 0)
		rd->stream->fetched =
			MAX(rd->stream->fetched, b->offset + b->len);
}

void ahead_stalled(struct cache_read *rd)
{
	streams_stalled(rd->stream, rd->offset,
			window_most(rd->reader->file->cache), clock_ns());
	look(rd->reader);
}

/* ---- Filling ------------------------------------------------------------ */

/* One more block of a window.  false: there is no room. */
static bool fill_stream(struct cache_reader *r, struct stream *s)
{
	struct cache_file *f = r->file;
	struct cache *c = f->cache;
	struct blocks_place p;
	struct block *b;
	uint64_t end;

	blocks_find(f, s->fetched, &p);
	if (p.block) {
		s->fetched = p.block->offset + p.block->len;
		return true;
	}
	end = MIN(round_up(s->fetched + 1, part_of(r, s)), p.end);
	if (c->ahead + memory_size(end - s->fetched) > c->ahead_most)
		return false;
	b = blocks_make(f, s->fetched, end, BLOCKS_WINDOW);
	if (!b)
		return false;
	blocks_set_ahead(b, true);
	fetches_want(b, false);
	s->fetched = end;
	return true;
}

static bool fill_reader(struct cache_reader *r)
{
	for (unsigned i = 0; i < STREAMS; i++) {
		struct stream *s = &r->streams.stream[i];

		if (s->fetched < target_of(r, s))
			return fill_stream(r, s);
	}
	return true;
}

/* A block for each reader in turn. */
void ahead_fill(struct cache *c)
{
	struct link *l;

	while (!c->stopping && fetches_have_room(c) &&
	       (l = list_first(&c->behind))) {
		struct cache_reader *r =
			CONTAINER_OF(l, struct cache_reader, behind);

		if (!r->file->error && !fill_reader(r))
			return;
		list_take(l);
		look(r);
	}
}
