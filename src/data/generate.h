/* Writes a dataset to a store.
 *
 * Threads take the next file each; a file is streamed through a buffer of
 * fixed size and becomes visible when it is whole.  A file that is there with
 * its right size, under a manifest of the same configuration, is finished work
 * and is skipped; so generating again completes what was interrupted.  The
 * manifest (manifest.h) is written first as `writing`, last as `complete`.
 *
 * Size and CRC of an encoded file are learnt while it is written, or from a
 * manifest that is complete.  To go on with interrupted work, what is there
 * must be encoded once more to know them; nothing is read.
 *
 * What an earlier run that was killed has left of objects that it did not
 * finish (backend_sweep()) is removed, of those that are to be written, by rank
 * 0 before any rank writes.  So nobody else may be writing the same dataset.
 *
 * Several processes may do this together, each with a crew of a team: the
 * manifest is the first one's.
 *
 * All counts are of objects, those of this process: side files are files
 * here. */
#ifndef DATA_GENERATE_H
#define DATA_GENERATE_H

#include "backends/backend.h"
#include "data/crew.h"
#include "data/dataset.h"

struct generate_result {
	_Atomic uint64_t skipped, written; /* objects */
	_Atomic uint64_t written_bytes;
};

/* Of crew, the caller sets threads, progress, stop and team.  The first error
 * ends the work and is returned; files finished by then remain.  out is filled
 * in any case. */
int generate_dataset(const struct dataset *d, struct backend *b,
		     struct crew *crew, struct generate_result *out) MUST_USE;

/* Remove the dataset's files and its manifest, and nothing else.  Of crew, the
 * caller sets the same. */
int generate_remove(const struct dataset *d, struct backend *b,
		    struct crew *crew) MUST_USE;

#endif
