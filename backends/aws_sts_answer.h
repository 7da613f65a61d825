/* What the Security Token Service answers with: keys, or why there are none.
 * Nothing is logged.  No state; any thread. */
#ifndef BACKENDS_AWS_STS_ANSWER_H
#define BACKENDS_AWS_STS_ANSWER_H

#include "backends/aws_found.h"

/* -EBADMSG: they are not there, or not whole; -ENOMEM. */
int aws_sts_answer_keys(const char *text, size_t len,
			struct aws_found *out) MUST_USE;

struct aws_sts_refusal {
	const char *code, *meaning;
	bool passes; /* it makes sense to ask again */
};

/* NULL: it is none of those that are known. */
const struct aws_sts_refusal *aws_sts_answer_refusal(const char *text,
						     size_t len);

#endif
