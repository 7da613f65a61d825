/* Was an object meant to be mounted?  On a store where folders are not things,
 * s3://bucket/folder/file opens as well as any folder with nothing in it. */
#ifndef APP_MISTAKEN_H
#define APP_MISTAKEN_H

#include "app/stores.h"

/* For a URI below which nothing is.  -ENOTDIR, after saying what to mount
 * instead, if it is an object's; 0: it is not, or nobody can tell. */
int mistaken_check(const char *uri, struct stores_options *options) MUST_USE;

#endif
