/* Saves a file of a checkpoint as torch.save() does: the same bytes in the file
 * but for the tensors' values (see torchzip.h, torchpickle.h), written with the
 * same calls, but for one thing: PyTorch hands a tensor to the system whole,
 * and we in pieces of TORCHSAVE_PIECE, so that a rank needs that much memory
 * and not the model's size.
 *
 * filler.h has the values.
 *
 * One thread at a time. */
#ifndef TRAIN_TORCHSAVE_H
#define TRAIN_TORCHSAVE_H

#include "train/filler.h"

#include <stdatomic.h>

#define TORCHSAVE_PIECE FILLER_PIECE

struct source;
struct state;
struct torchsave;

struct torchsave_setup {
	struct source *source; /* stays the caller's */
	bool randomize;	       /* or ones */
	uint64_t seed;
	bool durable;		 /* fsync before a file counts as saved */
	const atomic_bool *stop; /* give up between pieces; NULL: never */
};

int torchsave_new(const struct torchsave_setup *setup,
		  struct torchsave **out) MUST_USE;
void torchsave_free(struct torchsave *t); /* NULL is fine */

/* Errors are logged; -EINTR: *stop.  bytes: of the whole file. */
int torchsave_write(struct torchsave *t, const char *name,
		    const struct state *state, uint64_t *bytes) MUST_USE;

#endif
