/* Which process a thread belongs to. */
#ifndef FUSE_PROCESS_H
#define FUSE_PROCESS_H

#include <stdint.h>
#include <sys/types.h>

/* From /proc; the thread's own number if that does not say.  The kernel names
 * threads where one would expect processes (fuse_ctx.pid). */
int64_t process_of_thread(pid_t thread);

#endif
