/* Reads a whole dataset back and compares every byte with what the
 * configuration says it is.
 *
 * Names, sizes and checksums are also compared with the manifest, if there is
 * one.  Each bad file is said once, with the first offset that differs, as long
 * as there are few; the work goes on to the end, so that one run finds all. */
#ifndef DATA_VERIFY_H
#define DATA_VERIFY_H

#include "backends/backend.h"
#include "data/crew.h"
#include "data/dataset.h"

struct verify_result {
	_Atomic uint64_t good, missing, damaged; /* objects */
	bool manifest; /* there is one, and it was compared */
};

/* 0: all is well; -EBADMSG: something is not, and was said; or the error that
 * ended the work.  Of crew, the caller sets threads, progress, stop and team; the
 * result is of this process's files. */
int verify_dataset(const struct dataset *d, struct backend *b,
		   struct crew *crew, struct verify_result *out) MUST_USE;

#endif
