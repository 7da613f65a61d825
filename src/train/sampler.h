/* Which samples a rank reads, in which order: DLIO's index sampler, as its
 * PyTorch loader uses it.
 *
 * Samples are numbered through all files; sample g is number g mod s of file
 * g / s, with s samples per file.  Of N samples and R ranks, rank r owns the
 * contiguous block of per = ceil(N / R) that starts at r * per, and reads it in
 * ascending order, in whole batches of b; an incomplete last one is dropped.
 * Shuffling does not change that order (in DLIO neither: it permutes a table
 * whose order nothing depends on).
 *
 * All ranks must take equally many steps, or the barrier in each step waits for
 * ever.  So N is first trimmed to a multiple of b * R.  DLIO trims the number
 * of *files* to a multiple of s * b * R instead, which is the same for s = 1 and
 * leaves no steps at all for many a workload with more; `strict` does as DLIO.
 *
 * Plain numbers, const after sampler_init(); any thread may read. */
#ifndef TRAIN_SAMPLER_H
#define TRAIN_SAMPLER_H

#include "base/util.h"

struct sampler_setup {
	uint64_t files, samples_per_file, batch;
	unsigned rank, ranks;
	bool strict;
};

struct sampler {
	uint64_t samples_per_file, batch;
	uint64_t first;	  /* sample of this rank */
	uint64_t batches; /* whole ones of this rank; equal on all ranks */
	uint64_t files;	  /* the first so many are used, by all ranks */
};

/* -EINVAL (logged) for sizes of 0 and products beyond 64 bits. */
int sampler_init(struct sampler *s, const struct sampler_setup *setup) MUST_USE;

/* Where sample i of this rank's batch is. */
struct sampler_place {
	uint64_t file, sample; /* of the split, of the file */
};
static inline struct sampler_place sampler_place(const struct sampler *s,
						 uint64_t batch, uint64_t i)
{
	uint64_t g = s->first + batch * s->batch + i;

	return (struct sampler_place){ g / s->samples_per_file,
				       g % s->samples_per_file };
}

static inline uint64_t sampler_file(const struct sampler *s, uint64_t batch,
				    uint64_t i)
{
	return sampler_place(s, batch, i).file;
}

/* Steps per epoch that DLIO announces: floor(s * files / b / R), before any
 * trimming, or cap (train.total_training_steps) where that is smaller and
 * positive. */
uint64_t sampler_expected_steps(const struct sampler_setup *setup, int64_t cap);

#endif
