/* Says which files a loader is about to read, in the order in which its workers
 * will come to them, some time before they do.
 *
 * Workers take batches round robin and read them side by side, so the order is:
 * of each worker's next batch the first sample, of each the second, and so on.
 * Told are whole rows of batches, one for each worker: those being read, and at
 * least HERALD_FILES files more.  A file with several samples in a row is named
 * once for them.
 *
 * Whoever reads the first batch of a row says what is ahead; one thread at a
 * time. */
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

	uint64_t batches; /* of a pass that will be taken; 0: all */
	uint64_t passes;  /* the first ones; 0: all */
};

struct herald {
	struct herald_setup setup;
	struct sampler sampler;
	uint64_t workers, ahead; /* batches */
	uint64_t passes, told;	 /* begun; batches of this one */
	size_t n;
	char name[HERALD_AT_ONCE][HERALD_NAME_SIZE];
};

/* slots: batches that workers may have begun; at least one worker. */
void herald_init(struct herald *h, const struct herald_setup *setup,
		 const struct sampler *sampler, unsigned workers,
		 uint64_t slots);

/* Somebody begins to read a batch: 0 begins a pass. */
void herald_reading(struct herald *h, uint64_t batch);

#endif
