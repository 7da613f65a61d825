/* file:///folder: a folder of the machine as a store, through the page cache.
 * See folder.h for what is where. */
#ifndef BACKENDS_FILE_H
#define BACKENDS_FILE_H

#include "backends/backend.h"

extern const struct backend_ops file_ops;

#endif
