/* What is done to whole blobs: Get Blob Properties, Delete Blob, Copy Blob
 * (Azure Storage REST API).  Any number of threads. */
#ifndef BACKENDS_AZURE_BLOB_H
#define BACKENDS_AZURE_BLOB_H

#include "backends/azure_store.h"

#define AZURE_BLOB_ETAG 128

struct azure_blob {
	struct object_info info;
	char etag[AZURE_BLOB_ETAG];
	char copy[16];	  /* x-ms-copy-status, or "" */
	char copy_id[64]; /* or "" */
};

/* Can a blob of this name be made?  -EINVAL: Azure would make another of it, or
 * none ("Naming and referencing containers, blobs, and metadata"): '\' is the
 * same as '/' to it, dots at the end of a part may be dropped, control characters
 * are refused.  -ENAMETOOLONG. */
int azure_blob_check_name(const struct azure_store *s,
			  const char *name) MUST_USE;

/* The ETag of an answer; "" if there is none that fits. */
void azure_blob_etag(const struct http_exchange *x, char out[AZURE_BLOB_ETAG]);

/* -ENOENT, also for what only marks a directory.  op: as what it is counted. */
int azure_blob_head(struct azure_store *s, enum rec_op op, const char *name,
		    struct azure_blob *out) MUST_USE;

/* etag: only this one (-ESTALE), or NULL.  -ENOENT */
int azure_blob_remove(struct azure_store *s, enum rec_op op, const char *name,
		      const char *etag) MUST_USE;

/* The server copies, at once within an account; should it not, wait for it as
 * long as for any call, and then have it stopped.  -ENOENT; -ESTALE: the source
 * is another than this ETag's. */
int azure_blob_copy(struct azure_store *s, const char *from, const char *etag,
		    const char *to) MUST_USE;

#endif
