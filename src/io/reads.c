#include "io/reads.h"

#include "io/ahead.h"
#include "io/blocks.h"
#include "io/fetches.h"
#include "io/files.h"
#include "io/hints.h"

#include <errno.h>
#include <string.h>

/* Every byte in a block of the least size, and one more on either side. */
#define MOST_PIECES (CACHE_READ / BLOCKS_GRAIN + 2)

void reads_init(struct cache *c)
{
	c->starving_end = &c->starving;
	c->answered_end = &c->answered;
}

static uint64_t end_of(const struct cache_read *rd)
{
	return rd->offset + rd->len;
}

/* ---- Answering ---------------------------------------------------------- */

static void answer(struct cache_read *rd)
{
	struct cache *c = rd->reader->file->cache;

	rd->next = NULL;
	*c->answered_end = rd;
	c->answered_end = &rd->next;
}

static struct cache_read *take_answered(struct cache *c)
{
	struct cache_read *rd = c->answered;

	if (rd) {
		c->answered = rd->next;
		if (!c->answered)
			c->answered_end = &c->answered;
	}
	return rd;
}

/* The part of a block that is of a read. */
static struct iovec slice_of(const struct block *b, uint64_t begin,
			     uint64_t end)
{
	begin = MAX(begin, b->offset);
	end = MIN(end, b->offset + b->len);
	return (struct iovec){ .iov_base = b->data + (begin - b->offset),
			       .iov_len = (size_t)(end - begin) };
}

/* Tell one, who may free the read.  Without the lock; the blocks are held. */
static void tell(struct cache *c, struct cache_read *rd)
{
	struct iovec iov[MOST_PIECES];
	struct cache_piece few[CACHE_FEW], *pieces = rd->pieces;
	unsigned n = rd->n_pieces;
	ssize_t result = 0;

	iov[0] = (struct iovec){ 0 };
	if (pieces == rd->few)
		pieces = memcpy(few, rd->few, sizeof(few));
	for (unsigned i = 0; i < n; i++) {
		iov[i] = slice_of(pieces[i].block, rd->offset, end_of(rd));
		result += (ssize_t)iov[i].iov_len;
	}
	if (rd->error)
		result = rd->error;
	rd->done(rd, result, iov, result < 0 ? 0 : (int)n);

	pthread_mutex_lock(&c->lock);
	for (unsigned i = 0; i < n; i++) {
		if (result > 0)
			pieces[i].block->read += iov[i].iov_len;
		blocks_let_go(pieces[i].block);
	}
	pthread_mutex_unlock(&c->lock);
	if (pieces != few)
		free(pieces);
}

/* ---- What a read needs -------------------------------------------------- */

static int make_pieces(struct cache_read *rd)
{
	unsigned n = (unsigned)(rd->len / BLOCKS_GRAIN + 2);
	struct cache_piece *pieces;

	if (rd->n_pieces < CACHE_FEW || rd->pieces != rd->few)
		return 0;
	pieces = malloc(n * sizeof(*pieces));
	if (!pieces)
		return -ENOMEM;
	memcpy(pieces, rd->few, sizeof(rd->few));
	rd->pieces = pieces;
	return 0;
}

static int need(struct cache_read *rd, struct block *b)
{
	int rc = make_pieces(rd);

	if (rc < 0)
		return rc;
	blocks_hold(b);
	rd->pieces[rd->n_pieces++] =
		(struct cache_piece){ .block = b, .read = rd };
	return 0;
}

/* Let go of all that it has. */
static void give_back(struct cache_read *rd)
{
	for (unsigned i = 0; i < rd->n_pieces; i++)
		blocks_let_go(rd->pieces[i].block);
	rd->n_pieces = 0;
	if (rd->pieces != rd->few)
		free(rd->pieces);
	rd->pieces = rd->few;
}

/* A block for the gap at an offset: what suits the stream, or, if there is no
 * room for that, just what is needed. */
static struct block *fill_gap(struct cache_read *rd, uint64_t at,
			      const struct blocks_place *gap)
{
	struct cache_file *f = rd->reader->file;
	struct streams_range r = ahead_demand(rd, at);
	struct block *b;

	b = blocks_make(f, MAX(r.begin, gap->begin), MIN(r.end, gap->end),
			BLOCKS_READ);
	if (!b) {
		r = streams_exact(at, end_of(rd) - at);
		b = blocks_make(f, MAX(r.begin, gap->begin),
				MIN(r.end, gap->end), BLOCKS_READ);
	}
	if (b)
		ahead_demanded(rd, b);
	return b;
}

/* Have it hold all blocks that it touches, new ones where there are none.
 * -ENOMEM: there is no room now, and it holds nothing. */
static int hold_all(struct cache_read *rd)
{
	struct cache_file *f = rd->reader->file;
	struct blocks_place p;
	int rc = 0;

	for (uint64_t at = rd->offset; at < end_of(rd) && rc == 0;
	     at = p.block->offset + p.block->len) {
		blocks_find(f, at, &p);
		if (!p.block)
			p.block = fill_gap(rd, at, &p);
		if (!p.block)
			rc = -ENOMEM;
		else
			rc = need(rd, p.block);
		if (rc < 0)
			break;
	}
	if (rc < 0)
		give_back(rd);
	return rc;
}

/* It holds all: wait for those that are not ready. */
static void wait_for_all(struct cache_read *rd)
{
	for (unsigned i = 0; i < rd->n_pieces; i++) {
		struct cache_piece *p = &rd->pieces[i];

		if (p->block->state == BLOCK_READY)
			continue;
		p->next = p->block->waiting;
		p->block->waiting = p;
		rd->missing++;
		fetches_want(p->block, true);
	}
	rd->waits = rd->missing > 0;
	if (rd->waits)
		rd->reader->file->cache->stats.waiting++;
	else
		answer(rd);
}

void reads_block_is_ready(struct block *b, int rc)
{
	struct cache_piece *p = b->waiting, *next;

	b->waiting = NULL;
	for (; p; p = next) {
		struct cache_read *rd = p->read;

		next = p->next;
		if (rc < 0 && !rd->error)
			rd->error = rc;
		if (--rd->missing > 0)
			continue;
		rd->waits = false;
		b->file->cache->stats.waiting--;
		answer(rd);
	}
}

/* ---- The starving ------------------------------------------------------- */

static void starve(struct cache *c, struct cache_read *rd)
{
	rd->next = NULL;
	*c->starving_end = rd;
	c->starving_end = &rd->next;
	rd->starves = true;
	c->stats.starving++;
}

static void unlink_starving(struct cache *c, struct cache_read *rd)
{
	struct cache_read **at = &c->starving;

	while (*at != rd)
		at = &(*at)->next;
	*at = rd->next;
	if (!rd->next)
		c->starving_end = at;
	rd->starves = false;
	c->stats.starving--;
}

static void feed_starving(struct cache *c)
{
	struct cache_read *rd;

	while ((rd = c->starving) && hold_all(rd) == 0) {
		unlink_starving(c, rd);
		wait_for_all(rd);
	}
}

/* ---- Asking ------------------------------------------------------------- */

void reads_settle(struct cache *c)
{
	struct cache_file *dead;
	struct cache_read *rd;

	for (;;) {
		feed_starving(c);
		if (!c->starving)
			ahead_fill(c);
		if (!c->starving && list_is_empty(&c->behind))
			hints_fill(c);
		fetches_start(c);
		rd = take_answered(c);
		dead = TAKE(c->dead);
		pthread_mutex_unlock(&c->lock);
		files_bury(dead);
		if (!rd)
			return;
		tell(c, rd);
		pthread_mutex_lock(&c->lock);
	}
}

static void tell_at_once(struct cache_read *rd, ssize_t result)
{
	rd->done(rd, result, NULL, 0);
}

void reads_submit(struct cache_reader *r, struct cache_read *rd)
{
	struct cache_file *f = r->file;
	struct cache *c = f->cache;
	int rc;

	if (rd->len > CACHE_READ || rd->offset >= f->size || rd->len == 0) {
		tell_at_once(rd, rd->len > CACHE_READ ? -EINVAL : 0);
		return;
	}
	rd->len = (size_t)MIN(rd->len, f->size - rd->offset);

	pthread_mutex_lock(&c->lock);
	rd->reader = r;
	rd->pieces = rd->few;
	rd->n_pieces = rd->missing = 0;
	rd->error = 0;
	rd->waits = rd->starves = false;
	c->stats.reads++;
	rc = f->error;
	if (rc < 0) {
		pthread_mutex_unlock(&c->lock);
		tell_at_once(rd, rc);
		return;
	}
	ahead_note(rd);
	hints_read(f, rd->offset, rd->len);
	rc = c->starving ? -ENOMEM : hold_all(rd);
	if (rc < 0)
		starve(c, rd);
	else
		wait_for_all(rd);
	if (rd->waits || rd->starves)
		ahead_stalled(rd);
	else
		c->stats.at_hand++;
	reads_settle(c);
}

/* ---- Giving up ---------------------------------------------------------- */

static void stop_waiting(struct cache_read *rd)
{
	for (unsigned i = 0; i < rd->n_pieces; i++) {
		struct cache_piece **at = &rd->pieces[i].block->waiting;

		while (*at && *at != &rd->pieces[i])
			at = &(*at)->next;
		if (*at)
			*at = (*at)->next;
	}
}

static void run_cancelled(struct pool_job *job)
{
	struct cache_read *rd = CONTAINER_OF(job, struct cache_read, job);
	struct cache *c = rd->reader->file->cache;

	rd->done(rd, -ECANCELED, NULL, 0);
	pthread_mutex_lock(&c->lock);
	reads_settle(c);
}

void reads_cancel(struct cache_reader *r, struct cache_read *rd)
{
	struct cache *c = r->file->cache;
	LOCKED(&c->lock);

	if (rd->starves) {
		unlink_starving(c, rd);
	} else if (rd->waits) {
		stop_waiting(rd);
		rd->waits = false;
		c->stats.waiting--;
		give_back(rd);
	} else {
		return;
	}
	rd->job.run = run_cancelled;
	pool_submit(c->pool, &rd->job);
}
