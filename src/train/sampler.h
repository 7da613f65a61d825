/* Which samples a rank reads, in which order, and which of its workers reads
 * which.
 *
 * Samples are numbered through all files; sample g is number g mod s of file
 * g / s, with s samples per file.  What a worker builds at a time is a piece: a
 * batch of b samples, or one sample.  Pieces are numbered in the order in which
 * they are taken.  Of N samples, R ranks and W workers:
 *
 *	INDEX		PyTorch, DALI.  Rank r owns a contiguous block of
 *			positions and takes them in order; pieces are dealt to
 *			the workers round robin.
 *	ITERATIVE	TensorFlow's generators.  The same block; each worker
 *			has a contiguous part of it, and the workers' batches
 *			are taken in turn.
 *	RECORDS		TensorFlow's TFRecordDataset.  Rank r has the files r,
 *			r + R, …; W of them are read side by side, a record
 *			from each in turn.  With fewer files than ranks every
 *			rank reads all of them, and keeps each R-th record.
 *
 * All ranks must take equally many steps, or the barrier in each step waits for
 * ever, so samples beyond the last step of all ranks are left out.  Shuffling
 * puts a permutation between positions and samples (or files), the same on all
 * ranks, keyed by the seed and the epoch: shards stay disjoint, every epoch
 * deals them anew, and nothing is stored for a sample.  "seed" and "random" are
 * the same thing, as in DLIO.
 *
 * `strict` is what DLIO does instead (dlio.md 6.3, 6.4): the number of *files*
 * is trimmed to a multiple of s * b * R, which leaves nothing of many a
 * workload; INDEX never shuffles; ITERATIVE reads the files 0, 1, … on every
 * rank but for its first sample, pads each worker's last batch, and shuffles
 * nothing but the list of files, with NumPy's generator, on top of the order of
 * the epoch before.
 *
 * Const between calls of sampler_begin(); any thread may read. */
#ifndef TRAIN_SAMPLER_H
#define TRAIN_SAMPLER_H

#include "base/permutation.h"

enum sampler_order { SAMPLER_INDEX, SAMPLER_ITERATIVE, SAMPLER_RECORDS };

struct sampler_setup {
	enum sampler_order order;
	uint64_t files, samples_per_file, batch;
	bool single; /* pieces are samples, not batches; RECORDS always */
	unsigned rank, ranks, workers; /* 0 workers are as good as one */

	bool shuffle_files, shuffle_samples;
	bool reseed; /* in each epoch */
	int64_t seed;

	/* strict: files of another split whose order is drawn before this
	 * one's, from the same generator. */
	uint64_t files_before;
	bool strict;
};

struct sampler {
	struct sampler_setup setup;
	uint64_t batches; /* steps: whole ones, equal on all ranks */
	uint64_t files;	  /* so many are used, by all ranks together */

	uint64_t pieces; /* of this rank */
	uint64_t piece;	 /* samples of one */
	uint64_t per_batch;

	uint64_t first; /* position of this rank */
	struct permutation permutation;

	/* strict, ITERATIVE. */
	uint64_t part;	   /* samples of a worker, … */
	uint64_t rest;	   /* … and what is dealt after them */
	size_t *order;	   /* of files; NULL: as they are */
	uint64_t shuffled; /* epochs */
};

/* -EINVAL (logged) for sizes of 0 and products beyond 64 bits; and, strict, for
 * what DLIO divides by zero at. */
int sampler_init(struct sampler *s, const struct sampler_setup *setup) MUST_USE;
void sampler_clear(struct sampler *s);

/* Epochs count from 1 and do not go back.  Before the first one, the order is
 * that of epoch 0.  -ENOMEM (logged). */
int sampler_begin(struct sampler *s, uint64_t epoch) MUST_USE;

/* Where sample i of a piece is.  False: nowhere, it pads a batch. */
struct sampler_place {
	uint64_t file, sample; /* of the split, of the file */
};
bool sampler_place(const struct sampler *s, uint64_t piece, uint64_t i,
		   struct sampler_place *out);

/* Who builds a piece, and the k-th piece of a worker. */
#define SAMPLER_NONE UINT64_MAX
unsigned sampler_worker(const struct sampler *s, uint64_t piece);
uint64_t sampler_piece(const struct sampler *s, unsigned worker, uint64_t k);

/* Steps per epoch that DLIO announces: floor(s * files / b / R), before any
 * trimming, or cap (train.total_training_steps) where that is smaller and
 * positive.  For RECORDS, if not strict, what there really will be. */
uint64_t sampler_expected_steps(const struct sampler_setup *setup, int64_t cap);

#endif
