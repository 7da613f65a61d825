/* What /proc says of processes.  The kernel names threads where one would
 * expect processes (fuse_ctx.pid). */
#ifndef FUSE_PROCESS_H
#define FUSE_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Whose a thread is; its own number if /proc does not say. */
int64_t process_of_thread(pid_t thread);

/* It has been killed or is exiting, and is not through with it. */
bool process_is_dying(pid_t thread);

#endif
