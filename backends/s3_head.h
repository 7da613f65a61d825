/* What an object's server says about it ("HeadObject", Amazon S3 API
 * Reference).  Any thread. */
#ifndef BACKENDS_S3_HEAD_H
#define BACKENDS_S3_HEAD_H

#include "backends/backend.h"
#include "backends/s3_client.h"

struct s3_head {
	struct object_info info;
	char etag[S3_ETAG_SIZE]; /* "" if it has none */
};

/* path: of s3_address_path().  -ENOENT. */
int s3_head(struct s3_client *c, const char *name, const char *path,
	    struct s3_head *out) MUST_USE;

#endif
