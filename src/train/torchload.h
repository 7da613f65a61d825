/* Loads a file of a checkpoint with the reads that torch.load() makes, as traces
 * of PyTorch 1.13 have them: the end, the directory, the pickle, then one tensor
 * after the other; but a tensor is read in pieces of TORCHLOAD_PIECE, which are
 * forgotten.
 *
 * One thread at a time. */
#ifndef TRAIN_TORCHLOAD_H
#define TRAIN_TORCHLOAD_H

#include "base/util.h"

#include <stdatomic.h>

#define TORCHLOAD_PIECE (8 * MIB)

struct source;
struct torchload;

struct torchload_setup {
	struct source *source;	 /* stays the caller's */
	bool check;		 /* compare tensors' CRC-32; PyTorch does not */
	const atomic_bool *stop; /* give up now and then; NULL: never */
};

int torchload_new(const struct torchload_setup *setup,
		  struct torchload **out) MUST_USE;
void torchload_free(struct torchload *t); /* NULL is fine */

/* Errors are logged; -EBADMSG: damaged; -EINTR: *stop.  bytes: of the whole
 * file. */
int torchload_read(struct torchload *t, const char *name,
		   uint64_t *bytes) MUST_USE;

/* Time spent on checking so far; it is part of the time that loading takes. */
uint64_t torchload_check_ns(const struct torchload *t);

#endif
