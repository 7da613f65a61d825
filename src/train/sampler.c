#include "train/sampler.h"

#include "base/log.h"
#include "base/rng.h"
#include "train/sampler_strict.h"

#include <errno.h>

static bool is_strict_map(const struct sampler *s)
{
	return s->setup.strict && s->setup.order == SAMPLER_ITERATIVE;
}

/* ---- Sizes --------------------------------------------------------------- */

/* At least one. */
static uint64_t workers(const struct sampler *s)
{
	return MAX(s->setup.workers, 1);
}

/* RECORDS: files that a rank reads. */
static uint64_t shard(const struct sampler_setup *p, unsigned rank)
{
	uint64_t ranks = MAX(p->ranks, 1);

	return p->files < ranks ? p->files : (p->files - rank - 1) / ranks + 1;
}

/* RECORDS: records that a rank reads for one that it keeps. */
static uint64_t reads_per_record(const struct sampler_setup *p)
{
	uint64_t ranks = MAX(p->ranks, 1);

	return p->files < ranks ? ranks : 1;
}

/* Of the rank with the fewest: the last one. */
static uint64_t batches_of_records(const struct sampler_setup *p)
{
	return shard(p, p->ranks - 1) * p->samples_per_file /
	       reads_per_record(p) / p->batch;
}

static int check(const struct sampler_setup *p, uint64_t *samples,
		 uint64_t *step)
{
	if (!p->samples_per_file || !p->batch || !p->ranks)
		return log_invalid("a batch and a file need at least one "
				   "sample, and a run one rank");
	if (__builtin_mul_overflow(p->batch, p->ranks, step) ||
	    __builtin_mul_overflow(p->files, p->samples_per_file, samples))
		return log_invalid("too many samples to number");
	return 0;
}

/* Files that DLIO leaves. */
static uint64_t trim_files(const struct sampler_setup *p, uint64_t step)
{
	uint64_t unit;

	if (__builtin_mul_overflow(step, p->samples_per_file, &unit))
		return 0; /* more than there can be files */
	return round_down(p->files, unit);
}

static void size_up(struct sampler *s, uint64_t samples, uint64_t step)
{
	const struct sampler_setup *p = &s->setup;
	bool records = p->order == SAMPLER_RECORDS;
	bool single = records || p->single;

	s->batches = records ? batches_of_records(p) :
			       samples / p->batch / p->ranks;
	s->files = s->batches * step / p->samples_per_file +
		   (s->batches * step % p->samples_per_file != 0);
	s->piece = single ? 1 : p->batch;
	s->per_batch = single ? p->batch : 1;
	if (records)
		s->per_batch *= reads_per_record(p);
	s->pieces = s->batches * s->per_batch;
	s->first = p->rank * s->batches * p->batch;
}

int sampler_init(struct sampler *s, const struct sampler_setup *setup)
{
	uint64_t samples = 0, step = 0;
	int rc;

	*s = (struct sampler){ .setup = *setup };
	rc = check(setup, &samples, &step);
	if (rc)
		return rc;
	s->setup.workers = MAX(setup->workers, 1);
	if (setup->strict) {
		s->setup.files = trim_files(setup, step);
		samples = s->setup.files * setup->samples_per_file;
	}
	size_up(s, samples, step);
	if (is_strict_map(s))
		return sampler_strict_init(s);
	return sampler_begin(s, 0);
}

void sampler_clear(struct sampler *s)
{
	free(s->order);
	s->order = NULL;
}

uint64_t sampler_expected_steps(const struct sampler_setup *setup, int64_t cap)
{
	uint64_t steps;

	if (!setup->batch || !setup->ranks)
		return 0;
	steps = setup->files * setup->samples_per_file / setup->batch /
		setup->ranks;
	if (setup->order == SAMPLER_RECORDS && !setup->strict)
		steps = batches_of_records(setup);
	return cap > 0 ? MIN(steps, (uint64_t)cap) : steps;
}

/* ---- The order ----------------------------------------------------------- */

/* A buffer of records does the shuffling there: the loader's business. */
static bool permutes_samples(const struct sampler *s)
{
	return s->setup.shuffle_samples && s->setup.order != SAMPLER_RECORDS;
}

int sampler_begin(struct sampler *s, uint64_t epoch)
{
	const struct sampler_setup *p = &s->setup;
	uint64_t seed = (uint64_t)p->seed + (p->reseed ? epoch : 0);

	if (is_strict_map(s))
		return sampler_strict_begin(s, epoch);
	permutation_init(&s->permutation,
			 permutes_samples(s) ? p->files * p->samples_per_file :
					       p->files,
			 rng_mix(seed, 0));
	return 0;
}

static uint64_t nth_file(const struct sampler *s, uint64_t i)
{
	return s->setup.shuffle_files && !s->setup.strict ?
		       permutation_at(&s->permutation, i) :
		       i;
}

static struct sampler_place at_position(const struct sampler *s, uint64_t at)
{
	uint64_t per_file = s->setup.samples_per_file;

	if (permutes_samples(s) && !s->setup.strict) {
		at = permutation_at(&s->permutation, at);
		return (struct sampler_place){ at / per_file, at % per_file };
	}
	return (struct sampler_place){ nth_file(s, at / per_file),
				       at % per_file };
}

/* ---- Round robin --------------------------------------------------------- */

/* ITERATIVE: each worker has its part of the block. */
static uint64_t position_of(const struct sampler *s, uint64_t piece)
{
	uint64_t n = workers(s), worker = piece % n;

	if (s->setup.order == SAMPLER_ITERATIVE)
		piece = worker * (s->pieces / n) + MIN(worker, s->pieces % n) +
			piece / n;
	return s->first + piece * s->piece;
}

/* ---- Records ------------------------------------------------------------- */

/* Files are read in groups of as many as there are workers; as all have equally
 * many records, all of a group end at once. */
struct group {
	uint64_t first; /* file of the shard, … */
	uint64_t start; /* … and its first record's piece */
	uint64_t files;
};

static struct group nth_group(const struct sampler *s, uint64_t i)
{
	uint64_t n = workers(s), first = i * n;
	uint64_t all = shard(&s->setup, s->setup.rank);

	return (struct group){
		.first = first,
		.start = first * s->setup.samples_per_file,
		.files = first < all ? MIN(n, all - first) : 0,
	};
}

/* There is a file, as there is a piece. */
static struct group group_of(const struct sampler *s, uint64_t piece)
{
	struct group g =
		nth_group(s, piece / s->setup.samples_per_file / workers(s));

	g.files = MAX(g.files, 1);
	return g;
}

static struct sampler_place nth_record(const struct sampler *s, uint64_t piece)
{
	const struct sampler_setup *p = &s->setup;
	struct group g = group_of(s, piece);
	uint64_t slot = g.first + (piece - g.start) % g.files;
	bool sharded = p->files >= p->ranks;

	return (struct sampler_place){
		.file = nth_file(s, sharded ? p->rank + slot * p->ranks : slot),
		.sample = (piece - g.start) / g.files,
	};
}

/* ---- What the header promised -------------------------------------------- */

bool sampler_place(const struct sampler *s, uint64_t piece, uint64_t i,
		   struct sampler_place *out)
{
	if (is_strict_map(s))
		return sampler_strict_place(s, piece, i, out);
	*out = s->setup.order == SAMPLER_RECORDS ?
		       nth_record(s, piece) :
		       at_position(s, position_of(s, piece) + i);
	return true;
}

unsigned sampler_worker(const struct sampler *s, uint64_t piece)
{
	if (is_strict_map(s))
		return sampler_strict_worker(s, piece);
	if (s->setup.order == SAMPLER_RECORDS) {
		struct group g = group_of(s, piece);

		return (unsigned)((piece - g.start) % g.files);
	}
	return (unsigned)(piece % workers(s));
}

uint64_t sampler_piece(const struct sampler *s, unsigned worker, uint64_t k)
{
	uint64_t per_file = s->setup.samples_per_file, piece;

	if (is_strict_map(s))
		return sampler_strict_piece(s, worker, k);
	if (s->setup.order == SAMPLER_RECORDS) {
		struct group g = nth_group(s, k / per_file);

		if (worker >= g.files)
			return SAMPLER_NONE;
		piece = g.start + k % per_file * g.files + worker;
	} else {
		piece = worker + k * workers(s);
	}
	return piece < s->pieces ? piece : SAMPLER_NONE;
}
