/* Saves a state as DLIO's TensorFlow mechanism does (tfbundle.h): the files
 * NAME-1.data-00000-of-00001 and NAME-1.index, and in their folder `checkpoint`,
 * which says that this was the latest.
 *
 * Data are made and written in pieces of FILLER_PIECE, which is the size of
 * TensorFlow's own buffer.  (It writes to other names, and renames.)
 *
 * One thread at a time. */
#ifndef TRAIN_TFSAVE_H
#define TRAIN_TFSAVE_H

#include "base/util.h"

struct state;
struct stateout;

/* Errors are logged; -EINTR: stopped.  bytes: of data and index. */
int tfsave_write(struct stateout *s, const char *name,
		 const struct state *state, uint64_t *bytes) MUST_USE;

#endif
