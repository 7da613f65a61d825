/* Writing a blob: what fits in a part by one Put Blob; else by Put Block for
 * each part and one Put Block List ("Put Block", "Put Block List", Azure Storage
 * REST API).  Every request carries the MD5 of its body (unless this machine's
 * policy forbids MD5), and when all is done the server is asked for the size.
 *
 * What is not obvious:
 *  - Blocks that no list names are no part of any blob, appear in no listing of
 *    blobs and cannot be read.  There is no request that removes them; Azure
 *    forgets them when a blob of that name is written, and after a week.  So
 *    there is nothing to abort.
 *  - Ids have one length, and hold a number drawn for each upload, so that two
 *    who write the same name do not mix their blocks.  But a Put Block List drops
 *    all blocks that it does not name: of two who write the same large blob at
 *    the same time, the first to commit wins, and the other's commit is -EBUSY
 *    (InvalidBlockList).
 *  - Blocks left behind by another program whose ids have another length are in
 *    the way for a week (InvalidBlobOrBlock, -EBUSY).
 *
 * One thread at a time; the parts go on the store's threads. */
#ifndef BACKENDS_AZURE_UPLOAD_H
#define BACKENDS_AZURE_UPLOAD_H

#include "backends/azure_store.h"

struct azure_upload;

/* -EINVAL: a blob cannot have this name; see azure_blob_check_name(). */
int azure_upload_new(struct azure_store *s, const char *name,
		     struct azure_upload **out) MUST_USE;
int azure_upload_append(struct azure_upload *u, const void *data,
			size_t len) MUST_USE;

/* size: of all that was appended.  -EIO: the server has another. */
int azure_upload_commit(struct azure_upload *u, uint64_t size) MUST_USE;

/* Not committed: nothing becomes visible.  NULL is fine. */
void azure_upload_free(struct azure_upload *u);

#endif
