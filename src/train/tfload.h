/* Loads a state that tfsave.h saved, as tf.train.Checkpoint.restore() does: the
 * index's footer and blocks, then one variable after the other; each in pieces
 * of FILLER_PIECE, which are forgotten.  By TensorFlow's sources, not by traces:
 * there is no TensorFlow here.
 *
 * One thread at a time. */
#ifndef TRAIN_TFLOAD_H
#define TRAIN_TFLOAD_H

#include "base/util.h"

struct tfload;
struct torchload_setup;

/* The setup is the same as PyTorch's; what is checked is CRC-32C. */
int tfload_new(const struct torchload_setup *setup,
	       struct tfload **out) MUST_USE;
void tfload_free(struct tfload *t); /* NULL is fine */

/* Errors are logged; -EBADMSG: damaged; -EINTR: *stop.  bytes: of data and
 * index. */
int tfload_read(struct tfload *t, const char *name, uint64_t *bytes) MUST_USE;

uint64_t tfload_check_ns(const struct tfload *t);

#endif
