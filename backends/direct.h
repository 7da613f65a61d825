/* direct:///folder: a folder of the machine as a store, past the page cache
 * (O_DIRECT).  Names and folders are as in the store file; see folder.h.
 *
 * What a file system wants aligned it says itself (statx(2), STATX_DIOALIGN,
 * Linux 6.1), or else the logical block size of its device is taken.  Reads and
 * appends that are aligned move straight between the caller's memory and the
 * disk; for others there are aligned buffers in between.
 *
 * Where O_DIRECT is refused the store says so and gives -EOPNOTSUPP, or, with
 * direct_fallback, warns and goes through the page cache. */
#ifndef BACKENDS_DIRECT_H
#define BACKENDS_DIRECT_H

#include "backends/backend.h"

extern const struct backend_ops direct_ops;

#endif
