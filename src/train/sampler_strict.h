/* DLIO's map of samples to the generators of its TensorFlow loader, as it is
 * (dlio.md 6.4): for sampler.c only.
 *
 * A rank has per = ceil(N / R) samples, each of its T threads part = per / T
 * of them, and the rest is dealt to the first threads once more.  Position p
 * of a rank is sample p mod s of file p / s mod F, the same on every rank, but
 * position 0 is in the first file of the rank's own shard.  Each thread's last
 * batch is padded; batches are taken from the threads in turn. */
#ifndef TRAIN_SAMPLER_STRICT_H
#define TRAIN_SAMPLER_STRICT_H

#include "train/sampler.h"

int sampler_strict_init(struct sampler *s);
int sampler_strict_begin(struct sampler *s, uint64_t epoch);
bool sampler_strict_place(const struct sampler *s, uint64_t piece, uint64_t i,
			  struct sampler_place *out);
unsigned sampler_strict_worker(const struct sampler *s, uint64_t piece);
uint64_t sampler_strict_piece(const struct sampler *s, unsigned worker,
			      uint64_t k);

#endif
