/* Flags that one thread sets and others look at from time to time, to end what
 * they are at.  Nothing else is handed over with them: relaxed order will do. */
#ifndef BASE_FLAG_H
#define BASE_FLAG_H

#include "base/util.h"

#include <stdatomic.h>

/* NULL: there is none, and it is never set. */
static inline bool flag_is_set(const _Atomic bool *flag)
{
	return flag && atomic_load_explicit(flag, memory_order_relaxed);
}

#endif
