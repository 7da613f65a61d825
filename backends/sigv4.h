/* AWS Signature Version 4 as stages, each a pure function of what it is given:
 * canonical request, string to sign, signature, and from them the Authorization
 * header or a presigned URL's query.
 *
 * Sources: "AWS API request signatures" (AWS IAM User Guide), "Authenticating
 * Requests" (Amazon S3 API Reference).  S3's rules differ from other services':
 * the path is encoded once and not normalised.  STS and others use the default
 * rules.  No state; any thread; nothing is logged.  A signature costs about
 * 6 us (bench_sign): the key of a day and a region is derived anew each time. */
#ifndef BACKENDS_SIGV4_H
#define BACKENDS_SIGV4_H

#include "base/util.h"

struct sigv4_key {
	const char *id, *secret;
	const char *token; /* of a session; or NULL */
};

struct sigv4_scope {
	int64_t time;		      /* seconds since 1970 */
	const char *region, *service; /* "us-east-1", "s3" */
};

struct sigv4_request {
	const char *method;	    /* "GET" */
	const char *path;	    /* as it is sent */
	const char *query;	    /* as it is sent, without '?', its names and
				   * values encoded by uri_encode(); or NULL */
	const char *const *headers; /* "Name: value", ends with NULL; with Host */
	const char *payload_hash;   /* hex, or SIGV4_UNSIGNED */
	bool normalize;		    /* other services: remove dots and double
				   * slashes, and encode once more */
};

#define SIGV4_UNSIGNED "UNSIGNED-PAYLOAD"
#define SIGV4_TIME_SIZE 17 /* "20150830T123600Z" */
#define SIGV4_HEX_SIZE 65

void sigv4_time(int64_t time, char out[SIGV4_TIME_SIZE]);

/* The stages.  Texts are the caller's to free.  -ENOMEM; -EINVAL: a header that
 * is none; -E2BIG: more than 64 headers, or parameters in the query. */
int sigv4_canonical(const struct sigv4_request *r, char **out) MUST_USE;
int sigv4_string_to_sign(const struct sigv4_scope *s, const char *canonical,
			 char **out) MUST_USE;
int sigv4_signature(const struct sigv4_key *k, const struct sigv4_scope *s,
		    const char *string_to_sign,
		    char out[SIGV4_HEX_SIZE]) MUST_USE;

/* The value of the Authorization header.  The request's headers are those that
 * are signed, among them Host, X-Amz-Date and, with a token,
 * X-Amz-Security-Token. */
int sigv4_authorization(const struct sigv4_key *k, const struct sigv4_scope *s,
			const struct sigv4_request *r, char **out) MUST_USE;

/* The query of a URL that is good for so many seconds. */
int sigv4_presign(const struct sigv4_key *k, const struct sigv4_scope *s,
		  const struct sigv4_request *r, unsigned seconds,
		  char **query) MUST_USE;

#endif
