/* A folder for a mount that nobody but this process uses, in $TMPDIR or /tmp:
 * dliofs-PID-XXXXXX.
 *
 * Its server ends with the process that asked for it, and takes the folder
 * with it.  If both were killed, a dead mount stays until the next private
 * folder is made. */
#ifndef APP_PRIVATE_H
#define APP_PRIVATE_H

#include "base/util.h"

int private_make(char **out) MUST_USE;

/* Also if its server has died and left the mount. */
void private_remove(const char *path);

#endif
