/* Roles, from AWS's Security Token Service or who speaks like it (AWS STS API
 * Reference, 2011-06-15): one asks by a key, or by a token of an identity
 * provider, and is given a key for an hour or so.  What goes wrong is said,
 * without what the server said of it, but for codes that are known.  Any
 * thread. */
#ifndef BACKENDS_AWS_STS_H
#define BACKENDS_AWS_STS_H

#include "backends/aws_found.h"
#include "backends/aws_setup.h"

struct aws_sts_role {
	const char *arn;
	const char *session;	 /* name; NULL: one is made up */
	const char *external_id; /* or NULL */
	const char *duration;	 /* seconds; or NULL: as the server likes */
};

int aws_sts_assume(const struct aws_setup *s, const struct aws_found *by,
		   const struct aws_sts_role *role,
		   struct aws_found *out) MUST_USE;

/* By the token that a file holds now; signed with nothing. */
int aws_sts_assume_by_token(const struct aws_setup *s, const char *token_file,
			    const struct aws_sts_role *role,
			    struct aws_found *out) MUST_USE;

#endif
