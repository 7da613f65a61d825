#include "train/herald.h"

void herald_init(struct herald *h, const struct herald_setup *setup,
		 const struct sampler *sampler, unsigned workers,
		 uint64_t slots)
{
	uint64_t files = HERALD_FILES / MAX(sampler->batch, 1) + 1;

	*h = (struct herald){ .setup = *setup,
			      .sampler = *sampler,
			      .workers = workers };
	if (!setup->batches)
		h->setup.batches = sampler->batches;
	h->ahead = slots + MAX(files, workers);
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

static void tell(struct herald *h, uint64_t file)
{
	h->setup.name(h->setup.name_arg, file, h->name[h->n++]);
	if (h->n == HERALD_AT_ONCE)
		flush(h);
}

/* It is in the same file as the one before it. */
static bool is_more_of_a_file(const struct sampler *s, uint64_t batch,
			      uint64_t i)
{
	return i > 0 &&
	       sampler_file(s, batch, i) == sampler_file(s, batch, i - 1);
}

/* The batches from h->told on that the workers read side by side. */
static void tell_row(struct herald *h)
{
	const struct sampler *s = &h->sampler;
	uint64_t end = MIN(h->told + h->workers, h->setup.batches);

	for (uint64_t i = 0; i < s->batch; i++)
		for (uint64_t b = h->told; b < end; b++)
			if (!is_more_of_a_file(s, b, i))
				tell(h, sampler_file(s, b, i));
	h->told = end;
}

void herald_reading(struct herald *h, uint64_t batch)
{
	if (!h->setup.announce || batch % h->workers != 0)
		return;
	if (batch == 0) {
		h->passes++;
		h->told = 0;
	}
	if (h->setup.passes && h->passes > h->setup.passes)
		return;
	while (h->told < MIN(batch + h->ahead, h->setup.batches))
		tell_row(h);
	flush(h);
}
