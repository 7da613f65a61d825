/* backend_sweep() of the stores that write files: the hidden temporaries that
 * are the targets' which are asked for (newfile.h).  One whose target is not
 * known stays, and one that is just taking another file's place.  Any thread. */
#ifndef BACKENDS_SWEEP_H
#define BACKENDS_SWEEP_H

#include "backends/backend.h"

/* root: a descriptor of the folder. */
int64_t sweep_files(int root, const char *prefix, backend_sweep_fn wanted,
		    void *arg) MUST_USE;

#endif
