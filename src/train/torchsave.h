/* Saves a file of a checkpoint as torch.save() does: the same bytes in the file
 * but for the tensors' values (see torchzip.h, torchpickle.h), written with the
 * same calls, but for one thing: PyTorch hands a tensor to the system whole,
 * and we in pieces (stateout.h).
 *
 * One thread at a time. */
#ifndef TRAIN_TORCHSAVE_H
#define TRAIN_TORCHSAVE_H

#include "base/util.h"

struct state;
struct stateout;

/* Errors are logged; -EINTR: stopped.  bytes: of the whole file. */
int torchsave_write(struct stateout *s, const char *name,
		    const struct state *state, uint64_t *bytes) MUST_USE;

#endif
