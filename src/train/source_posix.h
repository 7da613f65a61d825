/* The source that is a folder: of a mount, or of a file system natively.
 *
 * Reading is open, fstat, pread, close, and nothing else.  A created file is
 * written under its own name from the first byte on, as torch.save() does
 * (O_TRUNC), so what a mount sees is what a real checkpoint would show it. */
#ifndef TRAIN_SOURCE_POSIX_H
#define TRAIN_SOURCE_POSIX_H

#include "train/source.h"

/* root: a folder that exists.  With make: it is made where missing. */
int source_posix_new(const char *root, bool make, struct source **out) MUST_USE;

#endif
