/* How each data loader of DLIO reads: in which order, by how many workers, how
 * far ahead.
 *
 *	loader		pieces	workers		ahead			files open
 *	pytorch		batch	read_threads	ceil(prefetch/threads)	per sample
 *						per worker; 2 for 0
 *	tensorflow	batch	read_threads,	2 per worker, and	until all its
 *				0 is 1		prefetch_size batches	samples are read
 *	  with tfrecord	record	the same, each	the same, and		the same
 *				a file		shuffle_size records
 *	dali		sample	read_threads	prefetch_size batches,	per sample
 *						2 for 0
 *	native_dali	batch	one		2			per sample
 *	synthetic, none	-	-		-			never
 *
 * Two per worker is the default depth of tf.data's parallel interleave for each
 * of its inputs; that DALI deals the samples of a batch to its workers in turn,
 * and reads by itself with one thread, is from its documentation.  Neither
 * could be watched at work.  DALI's own readers map files where they may, which
 * ours do not.
 *
 * With read_type memory (and, strict, whenever read_type is given at all)
 * pytorch and dali open no file twice.  A custom loader is PyTorch's or
 * TensorFlow's, by its sampler. */
#ifndef TRAIN_PATTERN_H
#define TRAIN_PATTERN_H

#include "config/config.h"
#include "data/dataset.h"
#include "train/loader.h"

/* The loader to be like: where none is given, the framework's. */
enum config_loader pattern_loader(const struct config *c);

/* Does it touch files at all? */
bool pattern_reads(const struct config *c);

/* Is preprocess_time spent?  Strict: not on tfrecord nor on synthetic files. */
bool pattern_preprocesses(const struct config *c);

/* Fill in order, workers and shuffling.  Sizes and ranks are there. */
void pattern_samples(const struct config *c, struct sampler_setup *samples);

/* Strict: DLIO's synthetic loader makes one batch less than there are in the
 * whole dataset, and does not share them among the ranks. */
void pattern_trim(const struct config *c, struct sampler *s);

/* Fill in threads, ahead, shuffled, keep and idle, for this sampler. */
void pattern_loading(const struct config *c, const struct sampler *s,
		     struct loader_setup *loader);

#endif
