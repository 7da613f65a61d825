/* Numbers that the kernel shows in files of their own, as in /sys: digits and
 * the end of the line.  Nothing here logs.  No state; any thread. */
#ifndef BASE_SYSFILE_H
#define BASE_SYSFILE_H

#include "base/util.h"

/* -EINVAL: something else is written there; -ERANGE: it is too large; else what
 * opening and reading the file said. */
int sysfile_number(const char *path, uint64_t *out) MUST_USE;

#endif
