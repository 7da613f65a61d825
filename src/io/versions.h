/* Which version of each object its readers have seen.  The kernel keeps pages of
 * files that nobody has open, and does not ask whose they are: without this, an
 * object that is replaced between two opens would be read as a mix of both.
 *
 * Sixteen bytes for each object that was ever read.  Objects are known by a hash
 * of 64 bits: two of ten million share one with a probability of 3e-6, and are
 * then taken for replaced, which costs a reader an error but no byte.
 *
 * Not locked: its owner's lock guards it. */
#ifndef IO_VERSIONS_H
#define IO_VERSIONS_H

#include "base/util.h"

struct version {
	uint64_t object, is; /* object 0: free */
};

/* All zero: nothing is known. */
struct versions {
	struct version *slots;
	size_t n_slots, used;
};

void versions_free(struct versions *v);

/* Somebody read this version.  false: another one was seen before, and bytes of
 * both must not meet; what comes next is accepted.  Without memory, nothing is
 * remembered, and all is well. */
bool versions_seen(struct versions *v, uint64_t object,
		   uint64_t version) MUST_USE;

/* The one that was seen is there no more. */
void versions_end(struct versions *v, uint64_t object);

/* It is forgotten what was seen: the kernel keeps nothing of it. */
void versions_forget(struct versions *v, uint64_t object);

/* Somebody has read of it, and as far as we know it is still the same. */
bool versions_known(const struct versions *v, uint64_t object);

/* What was seen was replaced: the kernel may have pages of it, which must go,
 * until it is told that they are gone. */
bool versions_ended(const struct versions *v, uint64_t object);
void versions_cleaned(struct versions *v, uint64_t object);

#endif
