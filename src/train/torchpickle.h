/* The pickle in a checkpoint: a dict of tensors as Python's pickler writes it
 * for torch.save() of PyTorch 1.13 (protocol 2).  Python's pickletools.py
 * documents the opcodes.  Pure.
 *
 * The bytes depend on which of the program's objects are one and the same: a
 * second use is a reference to the first.  DLIO's keys that are letters are
 * constants of its program, and keys that are numbers are made for each use. */
#ifndef TRAIN_TORCHPICKLE_H
#define TRAIN_TORCHPICKLE_H

#include "base/util.h"

struct state;

/* The storage of tensor i, counted in their order, is the member data/i.  The
 * caller frees *out.  -ENOMEM. */
int torchpickle_make(const struct state *s, uint8_t **out,
		     size_t *len) MUST_USE;

#endif
