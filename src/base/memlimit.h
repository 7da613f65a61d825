/* How much memory this process may count on.
 *
 * That is the machine's RAM, or less if a control group says so: of version 2
 * (memory.max) or 1 (memory.limit_in_bytes), its own or any that it is nested
 * in, for the smallest of them is the one that kills.  Reference: the kernel's
 * Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/memory.rst; which group
 * a process is in says /proc/self/cgroup (cgroups(7)).
 *
 * In a container whose groups are not seen from inside, the files at the root
 * of the hierarchy are the container's own, and they are looked at as well. */
#ifndef BASE_MEMLIMIT_H
#define BASE_MEMLIMIT_H

#include "base/util.h"

/* Bytes.  Never 0: what cannot be found out does not limit. */
uint64_t memlimit_bytes(void);

/* The same, but no more than the machine has left: MemAvailable, which is what
 * can be had without others losing theirs (proc(5)). */
uint64_t memlimit_left(void);

/* In bytes, of the text of /proc/meminfo; UINT64_MAX: it does not say. */
uint64_t memlimit_available(const char *meminfo);

/* The smallest limit of the groups that the text of /proc/self/cgroup names,
 * below the folder where the hierarchies are mounted ("/sys/fs/cgroup");
 * UINT64_MAX: none. */
uint64_t memlimit_of_groups(const char *groups, const char *mounted);

#endif
