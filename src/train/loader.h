/* Brings batches, as the data loaders of the frameworks do: `threads` workers,
 * each of which builds pieces by itself, sample after sample.  Which pieces and
 * in which order they are taken, the sampler says; a batch is one piece or
 * several.  At most `ahead` pieces are begun or waiting, and a piece taken lets
 * the next one begin; so pieces that nobody takes were read for nothing, as in
 * the real ones.  With no threads, the caller reads each piece itself when it
 * asks.
 *
 * PyTorch's workers are processes; ours are threads, which the storage cannot
 * tell, and which do not cost a fork and a copy.  They live as long as the
 * loader, through all passes.
 *
 * What a sample holds, nobody looks at, and nothing is kept of it; whether the
 * file it is in is opened again for it is a question of loader_keep.  What
 * opening and a sample read, the format's reader knows.
 *
 * The loader belongs to one thread. */
#ifndef TRAIN_LOADER_H
#define TRAIN_LOADER_H

#include "config/config.h"
#include "train/herald.h"
#include "train/reader.h"
#include "train/sampler.h"

#include <stdatomic.h>

struct loader;

#define LOADER_NAME_SIZE 512
struct loader_file {
	char name[LOADER_NAME_SIZE];
	uint64_t size; /* READER_ANY_SIZE: unknown */
	bool has_crc;
	uint32_t crc; /* CRC-32 of the whole file */
};

/* Which files a worker need not open again. */
enum loader_keep {
	LOADER_KEEP_NONE,
	LOADER_KEEP_ALL, /* PyTorch with read_type memory: none ever */
	LOADER_KEEP_RUN, /* generators: the one before, until as many samples
			  * were built as a file has */
};

struct loader_setup {
	struct reader_setup reader; /* what it names stays the caller's … */
	struct sampler *sampler;    /* … and this too, but nobody else's */
	unsigned threads;	    /* 0, or the sampler's workers */
	uint64_t ahead;		    /* pieces; with threads, at least as many */
	uint64_t shuffled; /* pieces taken before the first batch is given */
	enum loader_keep keep;
	bool idle; /* batches are of nothing: no file is touched */
	struct config_time preprocess;
	uint64_t seed; /* of preprocessing times */

	/* Describe a file; called by the workers.  Logs its own failure. */
	int (*file)(void *arg, uint64_t number, struct loader_file *out);
	void *arg;

	struct herald_setup herald; /* who is told what will be read */

	const atomic_bool *stop; /* loader_next() gives up; NULL: never */
};

/* What readers did, batches that nobody took included. */
struct loader_io {
	uint64_t samples;
	uint64_t bytes;	   /* of the files read for them */
	uint64_t read_ns;  /* open to close, checking included */
	uint64_t check_ns; /* of which: checking */
};

struct batch {
	uint64_t number;     /* 0, 1, … of the pass */
	struct loader_io io; /* of the pieces taken for it */
};

int loader_new(const struct loader_setup *setup, struct loader **out) MUST_USE;

/* Waits for reads that are under way.  NULL is fine. */
void loader_free(struct loader *l);

/* Pieces that PyTorch has begun or waiting: ceil(prefetch / threads) for each
 * worker, 2 if prefetch is 0. */
uint64_t loader_pytorch_ahead(uint64_t threads, uint64_t prefetch);

/* Begin the pass of an epoch (1, 2, …) through this rank's samples.  Pieces of a
 * pass before that nobody took are waited for. */
int loader_start(struct loader *l, uint64_t epoch) MUST_USE;

/* Wait for the next batch.  1: here it is; 0: the pass is over; -EINTR: *stop;
 * or the first error that a reader met, logged, and from then on always. */
int loader_next(struct loader *l, struct batch *out) MUST_USE;

/* Wait until no reader is reading. */
int loader_drain(struct loader *l) MUST_USE;

/* All that was done since loader_new().  Exact after loader_drain(). */
void loader_io(struct loader *l, struct loader_io *out);

#endif
