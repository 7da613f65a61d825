/* Percent-encoding (RFC 3986) as object stores want it.  No state; any
 * thread. */
#ifndef BACKENDS_URI_H
#define BACKENDS_URI_H

#include "base/util.h"

/* Everything but A-Z a-z 0-9 - . _ ~ becomes %XX (upper case).  keep_slash: '/'
 * too stays as it is, as in S3's paths.  out has 3 * strlen(text) + 1 bytes; the
 * result is its length. */
size_t uri_encode(const char *text, bool keep_slash, char *out);

/* In place; what is no escape stays.  '+' stays.  The length: there may be a
 * NUL in it. */
size_t uri_decode(char *text);

#endif
