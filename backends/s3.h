/* Objects in a bucket of Amazon S3, or of whoever speaks its REST interface
 * ("Amazon S3 API Reference", 2006-03-01): s3://bucket/prefix.
 *
 * What is not obvious:
 *  - Opening costs one HEAD, or nothing if the size is known.  Reads are
 *    conditional on the ETag that came first (If-Match), so that an object
 *    replaced under a reader is -ESTALE and never a mix.
 *  - Writing sends one PUT, or a multipart upload, with checksums; HEAD after
 *    commit confirms the size.  Rename is a copy by the server and a removal.
 *  - A key that cannot be a name of backend.h is left out of listings.
 *
 * Options: backend_options.remote. */
#ifndef BACKENDS_S3_H
#define BACKENDS_S3_H

#include "backends/backend.h"

extern const struct backend_ops s3_ops;

#endif
