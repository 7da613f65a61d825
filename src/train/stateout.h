/* Writes the files of a checkpoint, for those who know what is in them
 * (torchsave.h, tfsave.h): makes each, with a buffer before it, gives its
 * tensors values (filler.h), and commits it.
 *
 * Tensors go out in pieces of FILLER_PIECE, so that a rank needs that much
 * memory, and not the model's size.
 *
 * One thread at a time. */
#ifndef TRAIN_STATEOUT_H
#define TRAIN_STATEOUT_H

#include "train/filler.h"
#include "train/outbuf.h"

#include <stdatomic.h>

struct source;

struct stateout_setup {
	struct source *source; /* stays the caller's */
	bool randomize;	       /* or ones */
	uint64_t seed;
	bool durable;		 /* fsync before a file counts as saved */
	const atomic_bool *stop; /* give up between pieces; NULL: never */
};

struct stateout {
	struct stateout_setup setup;
	struct filler filler;
};

int stateout_open(struct stateout *s,
		  const struct stateout_setup *setup) MUST_USE;
void stateout_close(struct stateout *s); /* zeroed is fine */

/* Write what is in a file.  0, or a negative errno, which need not be logged. */
typedef int (*stateout_fill_fn)(struct stateout *s, struct outbuf *w,
				void *arg);

/* A file of that name, which is there when all of it is.  The buffer has so many
 * bytes; 0: as many as CPython's, by the block size of the file.  Errors are
 * logged; -EINTR: *stop. */
int stateout_file(struct stateout *s, const char *name, size_t buffer,
		  stateout_fill_fn fill, void *arg) MUST_USE;

/* The next bytes of a tensor.  0, or what ends stateout_tensor(). */
typedef int (*stateout_take_fn)(void *arg, const void *piece, size_t len);

/* All bytes of a tensor, piece by piece, as one write of the program.  take()
 * puts them into w.  -EINTR: *stop. */
int stateout_tensor(struct stateout *s, struct outbuf *w,
		    const struct state_item *tensor, stateout_take_fn take,
		    void *arg) MUST_USE;

#endif
