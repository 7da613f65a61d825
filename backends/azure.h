/* Block blobs of Azure Storage (REST API version 2021-12-02):
 * az://account/container/prefix.
 *
 * As s3.h says, with Azure's words: If-Match on every read, one Put Blob or a
 * list of blocks, Copy Blob and a removal for rename.
 *
 * Options: backend_options.remote.  The server is AZURE_STORAGE_BLOB_ENDPOINT,
 * the connection string's BlobEndpoint, the option endpoint, or
 * https://ACCOUNT.blob.core.windows.net; of a server with the account in its path
 * (Azurite), the URL ends with it. */
#ifndef BACKENDS_AZURE_H
#define BACKENDS_AZURE_H

#include "backends/backend.h"

extern const struct backend_ops azure_ops;

#endif
