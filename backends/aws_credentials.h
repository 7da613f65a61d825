/* Who we are for AWS and those who speak like it, from wherever the AWS SDKs
 * would look, in their order (AWS SDKs and Tools Reference Guide, "Standardized
 * credential providers"):
 *
 *	source           what leads to it
 *	anonymous        the option; AWS_NO_SIGN_REQUEST
 *	settings         the options key_id, secret, token
 *	environment  *   AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,
 *	                 AWS_SESSION_TOKEN
 *	.env         *   the same in a file of the working folder
 *	web identity *   AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN,
 *	                 AWS_ROLE_SESSION_NAME: a role by STS (IRSA)
 *	profile          in ~/.aws/config and ~/.aws/credentials (AWS_CONFIG_FILE,
 *	                 AWS_SHARED_CREDENTIALS_FILE): the option, AWS_PROFILE, or
 *	                 "default", and in it the first of
 *	                   role_arn by STS, with source_profile, or
 *	                     credential_source (Environment, EcsContainer,
 *	                     Ec2InstanceMetadata), or web_identity_token_file;
 *	                     role_session_name, external_id, duration_seconds
 *	                   aws_access_key_id, aws_secret_access_key,
 *	                     aws_session_token
 *	                   credential_process
 *	container        AWS_CONTAINER_CREDENTIALS_RELATIVE_URI (ECS), or
 *	                 AWS_CONTAINER_CREDENTIALS_FULL_URI (EKS), with
 *	                 AWS_CONTAINER_AUTHORIZATION_TOKEN(_FILE)
 *	EC2 metadata     version 2, unless AWS_EC2_METADATA_DISABLED;
 *	                 AWS_EC2_METADATA_SERVICE_ENDPOINT(_MODE)
 *
 * (*: not if the options name a profile.)  Single sign-on and codes of a device
 * (mfa_serial) are refused with a message.  The first source that is there
 * counts: if it then fails, the others are not asked.  STS is that of the
 * region, or AWS_ENDPOINT_URL_STS, AWS_ENDPOINT_URL, or the profile's
 * endpoint_url.
 *
 * .env may be somebody else's: besides keys only AWS_PROFILE, AWS_REGION,
 * AWS_DEFAULT_REGION, AWS_ENDPOINT_URL_S3 and AWS_ENDPOINT_URL (for S3) are
 * taken from it, and never what names a file, a program or another server.
 *
 * Temporary keys are replaced five minutes before they expire, by one thread
 * while others go on with the old; if that fails and the old ones are still
 * good, they are used on.  Secrets are never logged; freed memory is cleared.
 * Any thread. */
#ifndef BACKENDS_AWS_CREDENTIALS_H
#define BACKENDS_AWS_CREDENTIALS_H

#include "backends/aws_key.h"
#include "backends/remote.h"

struct aws_credentials;
struct http_options;

/* Strings are copied; what else is pointed at must live longer. */
struct aws_credentials_options {
	bool anonymous;			     /* do not sign */
	const char *key_id, *secret, *token; /* settings; NULL: elsewhere */
	const char *profile;		     /* NULL: AWS_PROFILE, "default" */
	const char *region, *endpoint;	     /* settings; NULL: elsewhere */
	char *const *environment; /* "NAME=value", ends with NULL; NULL: ours */
	const char *dotenv;	  /* path; NULL: ".env" */
	const struct http_options *http; /* to ask servers with; not kept;
					  * NULL: the standard */
	uint32_t answer_ms;	  /* for each answer of a service; 0: as suits
				   * the service */
	const _Atomic bool *stop; /* give up waiting: -ECANCELED; or NULL */
	int64_t (*now)(void);	  /* seconds since 1970; NULL: the clock */
};

/* Finds out which source there is, and asks it.  -ENOENT: there is none, after
 * saying where it looked; or what went wrong with it, which has been said. */
int aws_credentials_new(const struct aws_credentials_options *options,
			struct aws_credentials **out) MUST_USE;
void aws_credentials_free(struct aws_credentials *c); /* NULL is fine */

/* A copy of the key, or an anonymous one.  Blocks when a new one is needed.
 * -EACCES: no source gives one, which has been said. */
int aws_credentials_get(struct aws_credentials *c,
			struct aws_key **out) MUST_USE;

/* The server says that the key is not good any more: the next get fetches
 * another, unless that has happened meanwhile.  If the source knows no other, it
 * is left alone for ten seconds. */
void aws_credentials_expire(struct aws_credentials *c, const char *key_id);

/* "environment", "profile research", "EC2 metadata": for messages. */
const char *aws_credentials_source(const struct aws_credentials *c);

/* The region: option, AWS_REGION, AWS_DEFAULT_REGION, the profile's, or NULL.
 * Likewise an endpoint: option, AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, that of
 * s3 in the profile's [services], the profile's endpoint_url; all but the first
 * are switched off by AWS_IGNORE_CONFIGURED_ENDPOINT_URLS.  Live as long as
 * c. */
const char *aws_credentials_region(const struct aws_credentials *c);
struct remote_endpoint
aws_credentials_endpoint(const struct aws_credentials *c);

/* The authorities to trust: option, AWS_CA_BUNDLE, the profile's ca_bundle, or
 * NULL (then see http.h).  Lives as long as c. */
const char *aws_credentials_ca_file(const struct aws_credentials *c);

#endif
