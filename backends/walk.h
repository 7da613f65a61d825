/* Walks the files below a folder, as backend_list() says.  Symbolic links are
 * followed, but not back to where they come from.
 *
 * Folders that may not be read are left out with a warning, except where the
 * listing starts; so are names longer than BACKEND_NAME_MAX, and what is behind
 * a folder that may not be searched.  Any thread. */
#ifndef BACKENDS_WALK_H
#define BACKENDS_WALK_H

#include "backends/backend.h"

/* root: a descriptor of the folder. */
int walk_files(int root, const char *prefix, enum backend_depth depth,
	       backend_list_fn fn, void *arg) MUST_USE;

/* The hidden temporaries (newfile.h), which the others leave out, whatever they
 * are called: prefix matters to folders only. */
int walk_temps(int root, const char *prefix, enum backend_depth depth,
	       backend_list_fn fn, void *arg) MUST_USE;

#endif
