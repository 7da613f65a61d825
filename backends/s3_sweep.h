/* Multipart uploads that nobody will complete: found with ListMultipartUploads,
 * page by page, and aborted (Amazon S3 API Reference).  Until then their parts
 * are kept, and paid for, and no listing of objects shows them.  Any thread. */
#ifndef BACKENDS_S3_SWEEP_H
#define BACKENDS_S3_SWEEP_H

#include "backends/backend.h"

struct s3_client;

struct s3_sweep {
	const char *prefix; /* of names */
	unsigned page;	    /* uploads on one; 0: as many as the server likes */
	backend_sweep_fn wanted;
	void *arg;
};

/* How many were aborted.  One that could not be was said, and is not an error;
 * that the list is refused is one, and for the caller to say. */
int64_t s3_sweep(struct s3_client *c, const struct s3_sweep *wanted) MUST_USE;

#endif
