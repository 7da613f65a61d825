/* Writing one object to S3: PutObject, or a multipart upload ("Uploading and
 * copying objects using multipart upload", Amazon S3 User Guide), and a HEAD
 * that confirms what is there now.
 *
 * Only what has been completed is ever seen.  An upload that cannot be completed
 * is aborted; the parts of one whose program was killed cost money until a
 * lifecycle rule of the bucket (AbortIncompleteMultipartUpload) removes them.
 * An upload that was begun while nobody heard the answer stays as well, empty:
 * its id is not known, and it may as well be another's.
 * Beyond 5000 parts they grow (upload.h), which a server that wants all of one
 * size refuses (Cloudflare R2): give it larger ones from the start.
 * As the headers of upload.h and backend.h say otherwise. */
#ifndef BACKENDS_S3_UPLOAD_H
#define BACKENDS_S3_UPLOAD_H

#include "base/util.h"

/* "Amazon S3 multipart upload limits", Amazon S3 User Guide. */
#define S3_UPLOAD_PARTS 10000u
#define S3_UPLOAD_PART_MIN (5 * MIB) /* but for the last */
#define S3_UPLOAD_PART_MAX (5 * GIB)

struct s3_client;
struct s3_upload;
struct uploads;

int s3_upload_new(struct s3_client *c, struct uploads *all, const char *name,
		  struct s3_upload **out) MUST_USE;
int s3_upload_append(struct s3_upload *u, const void *data,
		     size_t len) MUST_USE;
int s3_upload_commit(struct s3_upload *u) MUST_USE;

/* Not committed: leaves no trace.  NULL is fine. */
void s3_upload_close(struct s3_upload *u);

#endif
