/* Says which files a loader is about to read, in the order in which its workers
 * will come to them, some time before they do.
 *
 * Workers read side by side, so the order is: of each worker's next piece the
 * first sample, of each the second, and so on.  Told are whole rows of pieces,
 * one for each worker: those being read, and at least HERALD_FILES files more.
 * A file that a worker reads several samples of in a row is named once for
 * them.
 *
 * The first worker, which has a piece in every row, says what is ahead. */
#ifndef TRAIN_HERALD_H
#define TRAIN_HERALD_H

#include "train/sampler.h"

#define HERALD_FILES 256u
#define HERALD_AT_ONCE 32u
#define HERALD_NAME_SIZE 512

struct herald_setup {
	/* NULL: nobody listens, and nothing else here matters. */
	void (*announce)(void *arg, const char *const *names, size_t n);
	void *announce_arg;

	/* The name of a file of the sampler's. */
	void (*name)(void *arg, uint64_t file, char out[HERALD_NAME_SIZE]);
	void *name_arg;

	uint64_t pieces; /* of a pass that will be taken; 0: all */
	uint64_t passes; /* the first ones; 0: all */
};

struct herald {
	struct herald_setup setup;
	const struct sampler *sampler;
	uint64_t ahead;	       /* pieces */
	uint64_t passes, told; /* begun; pieces of this one */
	uint64_t *last;	       /* for each worker: 1 + the file named last */
	size_t n;
	char name[HERALD_AT_ONCE][HERALD_NAME_SIZE];
};

/* slots: pieces that workers may have begun.  The sampler stays the
 * caller's.  -ENOMEM. */
int herald_init(struct herald *h, const struct herald_setup *setup,
		const struct sampler *sampler, uint64_t slots) MUST_USE;
void herald_clear(struct herald *h);

/* The first worker begins to read a piece: 0 begins a pass. */
void herald_reading(struct herald *h, uint64_t piece);

#endif
