/* mem://location: a store in memory that the processes of one run share, for
 * tests and for measuring everything but a store.
 *
 * The first process opens it with mem_fd -1, which makes a memfd; others are
 * given that number (mem_fd() of the first; the one who spawns lets it through
 * exec) and see the same objects.  Locations are prefixes: mem://a/b has as "c"
 * what mem://a has as "b/c".
 *
 * Reading is a memcpy and never waits.  Full is -ENOSPC: at mem_limit bytes, or
 * at one object per page of that.
 *
 * A process may be killed at any instruction: no object is ever seen half, and
 * the others go on.  What it had open for reading or writing at that moment is
 * not given back before the last process of the run ends. */
#ifndef BACKENDS_MEM_H
#define BACKENDS_MEM_H

#include "backends/backend.h"

extern const struct backend_ops mem_ops;

/* The descriptor to inherit, of a store that mem_ops opened (not of a filter
 * over it).  It stays the store's and is close-on-exec. */
int mem_fd(const struct backend *b);

#endif
