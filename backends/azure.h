/* Block blobs of Azure Storage (REST API version 2021-12-02):
 * az://account/container/prefix.
 *
 * What is not obvious:
 *  - Opening a blob costs one Get Blob Properties, or nothing if the size is
 *    known.  Reads are conditional on the ETag that came first (If-Match), so
 *    that a blob replaced under a reader is -ESTALE and never a mix.
 *  - Writing: see azure_upload.h.  A request for the properties after commit
 *    confirms the size.
 *  - Rename is Copy Blob, on condition that the source is still the same, and a
 *    removal on the same condition: for a moment both are there.
 *  - A blob whose name is none of backend.h's ("a//b", "/a", "a/../b", longer
 *    than BACKEND_NAME_MAX) is left out of listings, which is said once; so are
 *    directories of a hierarchical namespace, silently.
 *  - A name that Azure would change or refuse is -EINVAL when a blob is made: one
 *    with '\', control characters, or a part that ends with '.'.
 *
 * Options: backend_options.remote; who we are: azure_credentials.h.  The server
 * is the option endpoint, the connection string's BlobEndpoint,
 * AZURE_STORAGE_BLOB_ENDPOINT (or AZURE_STORAGE_SERVICE_ENDPOINT), or
 * https://ACCOUNT.blob.core.windows.net; see azure_address.h. */
#ifndef BACKENDS_AZURE_H
#define BACKENDS_AZURE_H

#include "backends/backend.h"

extern const struct backend_ops azure_ops;

#endif
