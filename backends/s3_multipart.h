/* A multipart upload of one object as calls: begun, parts in any order and from
 * any thread, completed or aborted.  What s3_upload.c and s3_copy.c have in
 * common. */
#ifndef BACKENDS_S3_MULTIPART_H
#define BACKENDS_S3_MULTIPART_H

#include "backends/s3_client.h"

struct s3_multipart {
	struct s3_client *client;
	const char *name;	 /* for messages */
	const char *path;	 /* of the object */
	char *id;		 /* encoded */
	char etag[S3_ETAG_SIZE]; /* of the object, once it is complete */

	pthread_mutex_t lock; /* guards what follows */
	char **etags;	      /* of the parts */
	unsigned room;
};

/* name and path live longer. */
void s3_multipart_init(struct s3_multipart *m, struct s3_client *c,
		       const char *name, const char *path);
void s3_multipart_clear(struct s3_multipart *m);

int s3_multipart_begin(struct s3_multipart *m) MUST_USE;

/* A part from memory, or from another object's bytes (first … last), which must
 * still have this ETag.  number counts from 0. */
int s3_multipart_put(struct s3_multipart *m, unsigned number, const void *data,
		     size_t len) MUST_USE;
struct s3_multipart_source {
	const char *path, *etag;
	uint64_t first, last;
};
int s3_multipart_copy(struct s3_multipart *m, unsigned number,
		      const struct s3_multipart_source *from) MUST_USE;

/* All of the parts 0 … n - 1. */
int s3_multipart_complete(struct s3_multipart *m, unsigned n) MUST_USE;
void s3_multipart_abort(struct s3_multipart *m);

#endif
