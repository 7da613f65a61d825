/* A filter that measures: every operation of the inner store, with its time,
 * result and bytes, goes to a recorder as level REC_STORE.
 *
 *	REC_OPEN, REC_READ, REC_CREATE, REC_WRITE (append), REC_COMMIT,
 *	REC_CLOSE, REC_STAT, REC_LIST, REC_RENAME, REC_REMOVE
 *
 * and, for stores that know it, REC_FIRST_BYTE: from the start of a read to its
 * first byte.  A listing's time includes the callback's.  A read with
 * OBJECT_READ_NOWAIT that finds nothing at hand is no operation: the one that
 * waits comes after it. */
#ifndef BACKENDS_RECORD_H
#define BACKENDS_RECORD_H

#include "backends/backend.h"

struct recorder;

/* Takes inner when it succeeds: closing the one closes the other.  The
 * recorder stays the caller's and outlives the store; NULL records nothing. */
int record_wrap(struct backend *inner, struct recorder *recorder,
		struct backend **out) MUST_USE;

#endif
