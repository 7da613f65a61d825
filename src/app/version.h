/* What this build is and has. */
#ifndef APP_VERSION_H
#define APP_VERSION_H

#include "base/util.h"

/* Version, libfuse, and what this build can do: stores, formats, ranks. */
void version_print(FILE *out);

#endif
