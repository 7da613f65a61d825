/* A role for whoever holds a token of an identity provider, as pods of EKS do
 * (IRSA): AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN. */
#include "backends/aws_source.h"

#include "backends/aws_sts.h"
#include "base/log.h"

#include <errno.h>

static int find(const struct aws_setup *s, struct aws_found *out)
{
	const char *file = aws_setup_variable(s, "AWS_WEB_IDENTITY_TOKEN_FILE");
	const struct aws_sts_role role = {
		.arn = aws_setup_variable(s, "AWS_ROLE_ARN"),
		.session = aws_setup_variable(s, "AWS_ROLE_SESSION_NAME"),
	};
	int rc;

	if (!file)
		return 0;
	if (!role.arn)
		return log_invalid("AWS_WEB_IDENTITY_TOKEN_FILE needs "
				   "AWS_ROLE_ARN");
	rc = aws_sts_assume_by_token(s, file, &role, out);
	return rc ? rc : 1;
}

const struct aws_source aws_source_web_identity = {
	.name = "web identity",
	.not_for_profile = true,
	.find = find,
};
