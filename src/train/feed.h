/* A loader for one split of a configured dataset: what the configuration says
 * about files, batches, workers and reading, made into a loader. */
#ifndef TRAIN_FEED_H
#define TRAIN_FEED_H

#include "data/dataset.h"
#include "train/loader.h"

struct feed;

struct feed_setup {
	const struct config *config;   /* this and the next two … */
	const struct dataset *dataset; /* … outlive the feed */
	struct source *source;	       /* names are the dataset's */
	enum dataset_split split;
	unsigned rank, ranks;

	/* The files' bytes are the dataset's, not only their names and sizes:
	 * dliofs wrote them from this configuration. */
	bool generated;

	bool no_preprocess; /* only read */

	/* Is told names some time before they are read; NULL: nobody is. */
	void (*announce)(void *arg, const char *const *names, size_t n);
	void *announce_arg;

	const atomic_bool *stop; /* NULL: never */
};

/* Nothing is read before loader_start().  Errors are logged. */
int feed_new(const struct feed_setup *setup, struct feed **out) MUST_USE;
void feed_free(struct feed *f); /* NULL is fine */

struct loader *feed_loader(struct feed *f);

/* Batches to take in a pass, by this rank: all, or
 * train.total_training_steps of the training split where that is less. */
uint64_t feed_steps(const struct feed *f);

/* Steps a pass that DLIO announces, and statistics expect. */
uint64_t feed_expected_steps(const struct config *config,
			     const struct dataset *dataset,
			     enum dataset_split split, unsigned ranks);

/* Files of the split that there are, those that this run wants, and those of
 * them that are read, so that all ranks have equally many batches. */
uint64_t feed_files(const struct feed *f);
uint64_t feed_files_wanted(const struct feed *f);
uint64_t feed_files_used(const struct feed *f);

/* Have the page cache forget this rank's files.  The first failure is warned
 * of, and ends it: then it cannot be done. */
int feed_drop(struct feed *f) MUST_USE;

#endif
