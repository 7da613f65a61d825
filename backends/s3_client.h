/* Signed calls to one bucket: what the parts of the S3 store share.
 *
 * The payload's SHA-256 is signed always, over TLS too: every server checks it,
 * so that no checksum of S3's own is needed, and where the CPU has instructions
 * for it it is the cheapest that all of them know (on one AMD EPYC core SHA-256
 * 1.8 GB/s, MD5 0.8 GB/s).  Any thread. */
#ifndef BACKENDS_S3_CLIENT_H
#define BACKENDS_S3_CLIENT_H

#include "backends/rest.h"
#include "backends/s3_address.h"

struct aws_credentials;

struct s3_client {
	char *uri; /* "s3://bucket/prefix", for messages */
	struct s3_address address;
	struct aws_credentials *credentials;
	struct rest *rest;
	_Atomic bool left_out; /* it has been said that keys were */
};

/* Says what is wrong.  Asks nobody but those who give credentials. */
int s3_client_new(const char *location, const struct remote_options *options,
		  struct s3_client **out) MUST_USE;
void s3_client_free(struct s3_client *c); /* NULL is fine */

/* rest_call() of the server; call->path is NULL for the bucket itself.  What
 * comes back has been doubted: a document (s3_document.h) is the right one. */
int s3_client_call(struct s3_client *c, struct rest_call *call) MUST_USE;

/* The same, for the text of one element of the document that is the answer; ""
 * if it has none. */
struct s3_text {
	const char *root, *element; /* "CopyObjectResult", "ETag" */
	char *text;
	size_t size;
};
int s3_client_call_for(struct s3_client *c, struct rest_call *call,
		       const struct s3_text *wanted) MUST_USE;

/* For calls to which -ENOENT is no answer: something is gone that was there a
 * moment ago (a bucket, an upload), which nobody has said yet.  -EIO then, else
 * rc. */
int s3_client_not_gone(const struct s3_client *c, const struct rest_call *call,
		       int rc) MUST_USE;

/* The ETag of an answer, as it stands there; "" if there is none.  One that a
 * proxy has made weak (W/"...", which If-Match never matches: RFC 9110 section
 * 13.1.1) is given as its server knows it.  -EMSGSIZE: it is longer. */
#define S3_ETAG_SIZE 128
int s3_client_etag(const struct http_exchange *x,
		   char etag[S3_ETAG_SIZE]) MUST_USE;

/* The same but for quotes, which some leave out. */
bool s3_client_same_etag(const char *a, const char *b);

#endif
