/* Brings batches, as PyTorch's DataLoader does: `threads` workers, each of which
 * builds whole batches by itself, sample after sample.  Batches are dealt to
 * the workers round robin and come out in order.  Each worker has at most
 * ceil(prefetch / threads) batches begun or waiting (2 if prefetch is 0), and
 * gets its next one when one of its batches is taken; so batches that nobody
 * takes were read for nothing, as in PyTorch.  With no threads, the caller reads
 * each batch itself when it asks.
 *
 * PyTorch's workers are processes; ours are threads, which the storage cannot
 * tell, and which do not cost a fork and a copy.  They live as long as the
 * loader, through all passes.
 *
 * The file a sample is in is opened and read again for each; with read_type
 * memory, a worker opens no file twice (and keeps nothing of it: what a sample
 * holds, nobody looks at).  What opening and a sample read, the format's reader
 * knows.
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

struct loader_setup {
	struct reader_setup reader; /* what it names stays the caller's */
	struct sampler sampler;
	unsigned threads;
	uint64_t prefetch;
	bool memory; /* read_type memory */
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
	uint64_t number; /* 0, 1, … of the pass */
	struct loader_io io;
};

int loader_new(const struct loader_setup *setup, struct loader **out) MUST_USE;

/* Waits for reads that are under way.  NULL is fine. */
void loader_free(struct loader *l);

/* Begin a pass through this rank's samples.  Batches of a pass before that
 * nobody took are waited for. */
int loader_start(struct loader *l) MUST_USE;

/* Wait for the next batch.  1: here it is; 0: the pass is over; -EINTR: *stop;
 * or the first error that a reader met, logged, and from then on always. */
int loader_next(struct loader *l, struct batch *out) MUST_USE;

/* Wait until no reader is reading. */
int loader_drain(struct loader *l) MUST_USE;

/* All that was done since loader_new().  Exact after loader_drain(). */
void loader_io(struct loader *l, struct loader_io *out);

#endif
