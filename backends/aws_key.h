/* A key for AWS as it is handed to those who sign: a copy that lives until it
 * is freed, and is cleared then. */
#ifndef BACKENDS_AWS_KEY_H
#define BACKENDS_AWS_KEY_H

#include "backends/sigv4.h"

struct aws_key {
	struct sigv4_key key; /* id NULL: anonymous, do not sign */
	int64_t expires;      /* seconds since 1970; 0: never */
	char strings[];
};

int aws_key_new(const struct sigv4_key *key, int64_t expires,
		struct aws_key **out) MUST_USE;
void aws_key_free(struct aws_key *k); /* NULL is fine */

#endif
