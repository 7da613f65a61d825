/* What a worker of a sampler reads, as text. */
#ifndef TESTS_LIB_SAMPLED_H
#define TESTS_LIB_SAMPLED_H

#include "train/sampler.h"

/* "0#0 1#0 ": file and sample of each, in order, of pieces of so many.  Good
 * until the next call.  One thread. */
const char *sampled_by(const struct sampler *s, unsigned worker,
		       uint64_t piece);

#endif
