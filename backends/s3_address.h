/* Where a bucket is: from s3://bucket/prefix, an endpoint and a region to the
 * server and the path of each request.
 *
 *	path style     http://host:9000/bucket/key
 *	virtual style  https://bucket.s3.REGION.amazonaws.com/key
 *
 * Without an endpoint it is Amazon's server of the region, in virtual style,
 * but for a bucket with a dot in its name, which no certificate covers
 * ("Virtual hosting of buckets", Amazon S3 User Guide).  With one it is path
 * style.  No state; any thread. */
#ifndef BACKENDS_S3_ADDRESS_H
#define BACKENDS_S3_ADDRESS_H

#include "backends/remote.h"

struct s3_place {
	const char *location;		 /* "bucket/some/prefix" */
	struct remote_endpoint endpoint; /* none: Amazon's */
	const char *region;
	enum remote_addressing addressing;
};

struct s3_address {
	char *bucket;
	char *prefix; /* of keys: "" or "some/prefix/" */
	char *region;
	char *server;	/* "https://bucket.s3.eu-west-1.amazonaws.com" */
	const char *by; /* who named it: not a copy */
	char *host;	/* as the header Host has it */
	char *root; /* path of the bucket: "/bucket", or "" in virtual style */
};

/* -EINVAL, after saying what is wrong with the place. */
int s3_address_make(const struct s3_place *place,
		    struct s3_address *out) MUST_USE;
void s3_address_clear(struct s3_address *a); /* zero is fine */

/* The path of an object's requests, encoded; to be freed.  -ENAMETOOLONG: with
 * the prefix it is more than a key may have. */
int s3_address_path(const struct s3_address *a, const char *name,
		    char **out) MUST_USE;

/* The object as the source of a copy, encoded: "/bucket/key", whatever the style
 * of addressing; to be freed. */
int s3_address_source(const struct s3_address *a, const char *name,
		      char **out) MUST_USE;

/* The path of the bucket's. */
const char *s3_address_bucket_path(const struct s3_address *a);

#endif
