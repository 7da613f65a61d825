/* What this build is and has. */
#ifndef APP_VERSION_H
#define APP_VERSION_H

#include "base/util.h"

/* Version, libfuse, and a line for each optional feature: yes, or no and how
 * to get it. */
void version_print(FILE *out);

#endif
