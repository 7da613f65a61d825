#include "train/sampler_strict.h"

#include "base/log.h"
#include "base/rng.h"

#include <errno.h>

/* ---- The map ------------------------------------------------------------- */

static uint64_t samples_of(const struct sampler *s, uint64_t worker)
{
	uint64_t before = worker * s->part;

	return s->part +
	       (s->rest > before ? MIN(s->rest - before, s->part) : 0);
}

/* No worker has more than one of a smaller number. */
static uint64_t batches_of(const struct sampler *s, uint64_t worker)
{
	uint64_t batch = s->setup.batch;

	return (samples_of(s, worker) + batch - 1) / batch;
}

/* The first piece of the workers' k-th batches. */
static uint64_t row_start(const struct sampler *s, uint64_t k)
{
	uint64_t start = 0;

	for (uint64_t w = 0; w < s->setup.workers; w++)
		start += MIN(batches_of(s, w), k);
	return start;
}

/* Which batch of its worker a piece is: workers that have come to their end
 * are the last ones of a row. */
static uint64_t row_of(const struct sampler *s, uint64_t piece)
{
	uint64_t workers = s->setup.workers;
	uint64_t k = MIN(piece / workers, batches_of(s, workers - 1));

	while (row_start(s, k + 1) <= piece)
		k++;
	return k;
}

unsigned sampler_strict_worker(const struct sampler *s, uint64_t piece)
{
	return (unsigned)(piece - row_start(s, row_of(s, piece)));
}

uint64_t sampler_strict_piece(const struct sampler *s, unsigned worker,
			      uint64_t k)
{
	if (!s->pieces || k >= batches_of(s, worker))
		return SAMPLER_NONE;
	return row_start(s, k) + worker;
}

bool sampler_strict_place(const struct sampler *s, uint64_t piece, uint64_t i,
			  struct sampler_place *out)
{
	const struct sampler_setup *p = &s->setup;
	uint64_t k = row_of(s, piece);
	uint64_t worker = piece - row_start(s, k);
	uint64_t n = k * p->batch + i, at, file;

	if (n >= samples_of(s, worker))
		return false;
	if (n < s->part)
		at = worker * s->part + n;
	else
		at = (p->workers + worker) * s->part + n - s->part;
	file = at / p->samples_per_file % p->files;
	if (!at)
		file = p->rank * (p->files / p->ranks % p->files);
	out->file = s->order ? s->order[file] : file;
	out->sample = at % p->samples_per_file;
	return true;
}

/* ---- The order of files -------------------------------------------------- */

static size_t *numbered(uint64_t n)
{
	size_t *order = reallocarray(NULL, MAX(n, 1), sizeof(*order));

	for (size_t i = 0; order && i < n; i++)
		order[i] = i;
	return order;
}

static int shuffle(struct sampler *s, uint64_t epoch)
{
	const struct sampler_setup *p = &s->setup;
	AUTO_FREE size_t *before = numbered(p->files_before);
	struct rng_mt g;

	if (!before)
		return log_fail(-ENOMEM, "the order of files");
	rng_mt_seed(&g, (uint32_t)(p->seed + (p->reseed ? (int64_t)epoch : 0)));
	rng_mt_shuffle(&g, before, p->files_before);
	rng_mt_shuffle(&g, s->order, p->files);
	return 0;
}

/* An epoch without a pass has been shuffled for all the same. */
int sampler_strict_begin(struct sampler *s, uint64_t epoch)
{
	int rc = 0;

	while (!rc && s->order && s->shuffled < epoch)
		rc = shuffle(s, ++s->shuffled);
	return rc;
}

int sampler_strict_init(struct sampler *s)
{
	const struct sampler_setup *p = &s->setup;
	uint64_t per = s->batches * p->batch;

	s->pieces = 0;
	if (!per)
		return 0;
	s->part = per / p->workers;
	s->rest = per % p->workers;
	if (!s->part)
		return log_invalid("%llu samples for %u threads: DLIO divides "
				   "by zero there; give reader.read_threads "
				   "no more than a rank has samples",
				   (unsigned long long)per, p->workers);
	for (uint64_t w = 0; w < p->workers; w++)
		s->pieces += batches_of(s, w);
	if (!p->shuffle_files)
		return 0;
	s->order = numbered(p->files);
	return s->order ? 0 : log_fail(-ENOMEM, "the order of files");
}
