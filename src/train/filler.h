/* What the tensors of a checkpoint are made of, a piece at a time.
 *
 * Values are random bits, whatever the type: there is nothing in them to
 * compress, and no block comes twice, not even in the next checkpoint.  (DLIO's
 * are numbers from 0 to 1, the same in each.)  Or all are one.
 *
 * One thread. */
#ifndef TRAIN_FILLER_H
#define TRAIN_FILLER_H

#include "data/noise.h"
#include "train/state.h"

#define FILLER_PIECE (8 * MIB)

struct filler {
	struct noise noise;
	bool randomize;
	uint8_t *piece;
	enum state_type type; /* of the ones in the piece, … */
	size_t ones;	      /* … so many bytes */
};

int filler_open(struct filler *f, bool randomize, uint64_t seed) MUST_USE;
void filler_close(struct filler *f); /* zeroed is fine */

/* The next len bytes, at most a piece, of a tensor; good until the next. */
const uint8_t *filler_next(struct filler *f, enum state_type type, size_t len);

#endif
