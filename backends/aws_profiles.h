/* The profiles of ~/.aws/config and ~/.aws/credentials:
 *
 *	[profile research]		# "research" in credentials
 *	role_arn = arn:aws:iam::123456789012:role/reader
 *	source_profile = default
 *	services = local
 *	s3 =
 *	    max_concurrent_requests = 20
 *
 *	[services local]
 *	s3 =
 *	    endpoint_url = http://127.0.0.1:9000
 *
 * Sources: AWS SDKs and Tools Reference Guide, "Using shared config and
 * credentials files" and "Service-specific endpoints".  Where it is silent, what
 * the AWS CLI does: names of properties in any case, ':' as good as '=', a line
 * deeper than its property continues it.  Comments are lines, or begin after a
 * space (but not in credential_process, which may be a line for a shell).
 *
 * If a property is there more than once, the last counts, credentials before
 * config, and [profile default] before [default].
 *
 * Constant once it is read: any thread.  Values are never logged, and cleared
 * when freed. */
#ifndef BACKENDS_AWS_PROFILES_H
#define BACKENDS_AWS_PROFILES_H

#include "base/util.h"

#define AWS_PROFILES_MAX_FILE ((size_t)1 << 20)

struct aws_profiles;

enum aws_profiles_file { AWS_PROFILES_CONFIG, AWS_PROFILES_CREDENTIALS };

int aws_profiles_new(struct aws_profiles **out) MUST_USE;
void aws_profiles_free(struct aws_profiles *p); /* NULL is fine */

/* Add what a text says.  -EINVAL: line *bad_line, from 1, says nothing. */
int aws_profiles_parse(struct aws_profiles *p, enum aws_profiles_file kind,
		       const char *text, size_t len, size_t *bad_line) MUST_USE;

/* The same for a file; what is wrong is said.  No file is an empty one. */
int aws_profiles_read(struct aws_profiles *p, enum aws_profiles_file kind,
		      const char *path) MUST_USE;

bool aws_profiles_has(const struct aws_profiles *p, const char *profile);

/* A property that is not empty, or NULL.  Lives as long as p. */
const char *aws_profiles_get(const struct aws_profiles *p, const char *profile,
			     const char *name);

/* The same of a service ("s3") in the [services] section that the profile
 * names. */
const char *aws_profiles_get_service(const struct aws_profiles *p,
				     const char *profile, const char *service,
				     const char *name);

#endif
