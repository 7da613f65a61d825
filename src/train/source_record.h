/* A source around a source that records how long each operation took, at
 * level REC_APP: what the trainer saw of its storage, the system call's whole
 * time.  Opening is one operation, fstat(2) included. */
#ifndef TRAIN_SOURCE_RECORD_H
#define TRAIN_SOURCE_RECORD_H

#include "train/source.h"

struct recorder;

/* inner and recorder stay the caller's, and outlive the new source. */
int source_record_new(struct source *inner, struct recorder *recorder,
		      struct source **out) MUST_USE;

#endif
