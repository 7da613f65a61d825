/* What a configuration says of the stores on the network. */
#ifndef APP_REMOTE_H
#define APP_REMOTE_H

#include "backends/remote.h"
#include "config/config.h"

/* For the store of this URI: DLIO's storage section and dliofs.s3 for s3://,
 * dliofs.azure for az://, dliofs.backend for both.  The texts stay the
 * configuration's.  recorder, stop and environment are left to the caller. */
struct remote_options remote_options_of(const struct config *c,
					const char *uri);

#endif
