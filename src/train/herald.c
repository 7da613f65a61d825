#include "train/herald.h"

#include <errno.h>
#include <string.h>

int herald_init(struct herald *h, const struct herald_setup *setup,
		const struct sampler *sampler, uint64_t slots)
{
	uint64_t files = HERALD_FILES / MAX(sampler->piece, 1) + 1;
	unsigned workers = sampler->setup.workers;

	*h = (struct herald){ .setup = *setup, .sampler = sampler };
	if (!setup->pieces)
		h->setup.pieces = sampler->pieces;
	h->setup.pieces = MIN(h->setup.pieces, sampler->pieces);
	h->ahead = slots + MAX(files, workers);
	h->last = calloc(workers, sizeof(*h->last));
	return h->last ? 0 : -ENOMEM;
}

void herald_clear(struct herald *h)
{
	free(h->last);
	h->last = NULL;
}

static void flush(struct herald *h)
{
	const char *names[HERALD_AT_ONCE];

	for (size_t i = 0; i < h->n; i++)
		names[i] = h->name[i];
	if (h->n > 0)
		h->setup.announce(h->setup.announce_arg, names, h->n);
	h->n = 0;
}

static void tell(struct herald *h, uint64_t piece, uint64_t i)
{
	uint64_t *last = &h->last[sampler_worker(h->sampler, piece)];
	struct sampler_place place;

	if (!sampler_place(h->sampler, piece, i, &place) ||
	    *last == place.file + 1)
		return;
	*last = place.file + 1;
	h->setup.name(h->setup.name_arg, place.file, h->name[h->n++]);
	if (h->n == HERALD_AT_ONCE)
		flush(h);
}

/* The pieces from h->told on that the workers read side by side: up to the
 * next one of the first worker. */
static uint64_t row_end(const struct herald *h)
{
	uint64_t end = h->told + 1;

	while (end < h->setup.pieces && sampler_worker(h->sampler, end))
		end++;
	return end;
}

static void tell_row(struct herald *h)
{
	uint64_t end = row_end(h);

	for (uint64_t i = 0; i < h->sampler->piece; i++)
		for (uint64_t p = h->told; p < end; p++)
			tell(h, p, i);
	h->told = end;
}

static void begin_pass(struct herald *h)
{
	h->passes++;
	h->told = 0;
	memset(h->last, 0, h->sampler->setup.workers * sizeof(*h->last));
}

void herald_reading(struct herald *h, uint64_t piece)
{
	if (!h->setup.announce)
		return;
	if (piece == 0)
		begin_pass(h);
	if (h->setup.passes && h->passes > h->setup.passes)
		return;
	while (h->told < MIN(piece + h->ahead, h->setup.pieces))
		tell_row(h);
	flush(h);
}
