/* Who we are for AWS and those who speak like it, from wherever the AWS SDKs
 * would look, in their order (AWS SDKs and Tools Reference Guide, "Standardized
 * credential providers"):
 *
 *	1. settings: the options below
 *	2. the environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,
 *	   AWS_SESSION_TOKEN, then the same in a file .env of the working folder
 *	3. web identity: AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN
 *	4. profiles of ~/.aws/config and ~/.aws/credentials (AWS_CONFIG_FILE,
 *	   AWS_SHARED_CREDENTIALS_FILE, AWS_PROFILE): keys, role_arn with
 *	   source_profile or credential_source, credential_process,
 *	   web_identity_token_file
 *	5. containers: AWS_CONTAINER_CREDENTIALS_{RELATIVE,FULL}_URI
 *	6. EC2's metadata service, version 2 (AWS_EC2_METADATA_DISABLED,
 *	   AWS_EC2_METADATA_SERVICE_ENDPOINT)
 *
 * Temporary keys are replaced five minutes before they expire, by one thread
 * while others go on with the old; if that fails and the old ones are still
 * good, they are used on.  Secrets are never logged; freed memory is cleared.
 * Any thread. */
#ifndef BACKENDS_AWS_CREDENTIALS_H
#define BACKENDS_AWS_CREDENTIALS_H

#include "backends/aws_key.h"

struct aws_credentials;
struct http;

/* Strings are copied; what else is pointed at must live longer. */
struct aws_credentials_options {
	bool anonymous;			     /* do not sign */
	const char *key_id, *secret, *token; /* settings; NULL: elsewhere */
	const char *profile;		     /* NULL: AWS_PROFILE, "default" */
	const char *region, *endpoint;	     /* settings; NULL: elsewhere */
	char *const *environment; /* "NAME=value", ends with NULL; NULL: ours */
	const char *dotenv;	  /* path; NULL: ".env" */
	struct http *http; /* to ask servers with; NULL: one of its own */
	const _Atomic bool *stop; /* give up waiting: -ECANCELED; or NULL */
	int64_t (*now)(void);	  /* seconds since 1970; NULL: the clock */
};

/* Finds out which source there is; -ENOENT, after saying where it looked. */
int aws_credentials_new(const struct aws_credentials_options *options,
			struct aws_credentials **out) MUST_USE;
void aws_credentials_free(struct aws_credentials *c); /* NULL is fine */

/* A copy of the key, or an anonymous one.  Blocks when a new one is needed.
 * -EACCES: no source gives one, which has been said. */
int aws_credentials_get(struct aws_credentials *c,
			struct aws_key **out) MUST_USE;

/* The server says that the key is not good any more: the next get fetches
 * another, unless that has happened meanwhile. */
void aws_credentials_expire(struct aws_credentials *c, const char *key_id);

/* "environment", "profile research", "EC2 metadata": for messages. */
const char *aws_credentials_source(const struct aws_credentials *c);

/* The region: option, AWS_REGION, AWS_DEFAULT_REGION, the profile's, or NULL.
 * Likewise an endpoint: AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, the profile's
 * endpoint_url.  Live as long as c. */
const char *aws_credentials_region(const struct aws_credentials *c);
const char *aws_credentials_endpoint(const struct aws_credentials *c);

#endif
