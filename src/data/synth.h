/* synth://: a store that holds nothing.  Each byte of the dataset is computed
 * when it is read, identical to what generate() would have written.
 *
 * To know the size of an encoded file means making it, so the first stat or
 * listing of those takes its time; the dataset remembers.
 *
 * Read-only: whatever would change it is -EROFS.  Reads never wait. */
#ifndef DATA_SYNTH_H
#define DATA_SYNTH_H

#include "backends/backend.h"
#include "data/dataset.h"

/* The dataset stays the caller's and must outlive the store. */
int synth_open(const struct dataset *d, struct backend **out) MUST_USE;

#endif
