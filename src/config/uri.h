/* Which store a configuration's folders are in (design: the scheme of each
 * folder alone says; DLIO's storage section means the same). */
#ifndef CONFIG_URI_H
#define CONFIG_URI_H

#include "config/config.h"

/* Does a name begin with "scheme://"? */
bool uri_has_scheme(const char *name);

/* The dataset's, as config_data_uri() says.  The caller frees. */
int uri_of_data(const struct config *c, char **out) MUST_USE;

#endif
