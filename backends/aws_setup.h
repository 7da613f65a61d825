/* Where the sources of AWS credentials look, and what there is besides: options,
 * environment, .env, and the properties of the profile in use.  Constant once
 * made: any thread. */
#ifndef BACKENDS_AWS_SETUP_H
#define BACKENDS_AWS_SETUP_H

#include "backends/aws_credentials.h"

struct aws_profiles;
struct http;

struct aws_setup {
	struct aws_credentials_options options; /* its strings are ours */
	char **dotenv;				/* ends with NULL */
	char *config, *credentials;		/* files with profiles */
	char *profile;				/* the one in use: "default" */
	bool profile_named;			/* somebody asked for it */

	/* What is in force; or NULL. */
	char *region, *endpoint, *sts_endpoint, *ca_file;
	const char *endpoint_by; /* who says so: "AWS_ENDPOINT_URL" */
	struct http *http;	 /* to ask servers with */
};

int aws_setup_new(const struct aws_credentials_options *options,
		  struct aws_setup **out) MUST_USE;
void aws_setup_free(struct aws_setup *s); /* NULL is fine */

/* A variable of the environment that is not empty, or NULL. */
const char *aws_setup_variable(const struct aws_setup *s, const char *name);

/* "true", "yes", "on", "1", in any case. */
bool aws_setup_flag(const struct aws_setup *s, const char *name);

/* What the files with profiles say at this moment.  What is wrong with them is
 * said. */
int aws_setup_profiles(const struct aws_setup *s,
		       struct aws_profiles **out) MUST_USE;

int64_t aws_setup_now(const struct aws_setup *s);

#endif
