/* The pickle in a checkpoint: {'a': a tensor of int8}, as Python's pickler
 * writes it for torch.save() (protocol 2).  Python's pickletools.py documents
 * the opcodes.  Pure. */
#ifndef TRAIN_TORCHPICKLE_H
#define TRAIN_TORCHPICKLE_H

#include "base/util.h"

#define TORCHPICKLE_SIZE 256

/* A tensor of so many bytes, whose storage is the member data/0.  Returns the
 * length. */
size_t torchpickle_flat(uint64_t tensor_bytes, uint8_t out[TORCHPICKLE_SIZE]);

#endif
