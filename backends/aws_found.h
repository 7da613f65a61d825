/* AWS keys that a source found, before they are handed out.  Clears what it
 * frees.  One thread at a time. */
#ifndef BACKENDS_AWS_FOUND_H
#define BACKENDS_AWS_FOUND_H

#include "base/util.h"

struct aws_found {
	char *id, *secret, *token; /* id NULL: anonymous; token may be NULL */
	int64_t expires;	   /* seconds since 1970; 0: never */
};

/* A copy of what may come from anybody: -EBADMSG if id or secret is missing, or
 * if one of them holds what no header can (nothing is said); -ENOMEM. */
int aws_found_set(struct aws_found *f, const char *id, const char *secret,
		  const char *token) MUST_USE;
/* The same from JSON: AccessKeyId, SecretAccessKey, Expiration, and the token
 * under the name given. */
int aws_found_set_json(struct aws_found *f, const char *text, size_t len,
		       const char *token) MUST_USE;

void aws_found_clear(struct aws_found *f);

/* Nothing but visible ASCII, as goes into headers. */
bool aws_found_is_plain(const char *text);

#endif
