/* Copying an object inside a bucket, by the server: at once, or in pieces side
 * by side when it is large, for a copy at once may be of 5 GiB at most
 * ("CopyObject", Amazon S3 API Reference), and the server is silent until it is
 * done. */
#ifndef BACKENDS_S3_COPY_H
#define BACKENDS_S3_COPY_H

#include "base/util.h"

struct s3_client;

struct s3_copy {
	const char *from, *to; /* names */
	uint64_t piece;	       /* bytes that are copied at once; more if there
				* would be too many pieces */
};

/* -ENOENT; -ESTALE: the source changed meanwhile.  The target is replaced when
 * all is there. */
int s3_copy(struct s3_client *c, const struct s3_copy *copy) MUST_USE;

#endif
