/* Keys in the environment, or in a file .env.  A key is taken from one of them
 * whole. */
#include "backends/aws_source.h"

#include "backends/dotenv.h"
#include "base/log.h"

#include <errno.h>

static int find_in(char *const *environment, const char *where,
		   struct aws_found *out)
{
	const char *id = dotenv_get(environment, "AWS_ACCESS_KEY_ID");
	const char *secret = dotenv_get(environment, "AWS_SECRET_ACCESS_KEY");
	int rc;

	if (!id && !secret)
		return 0;
	rc = aws_found_set(out, id, secret,
			   dotenv_get(environment, "AWS_SESSION_TOKEN"));
	if (rc == -EBADMSG)
		return log_invalid("%s needs both AWS_ACCESS_KEY_ID and "
				   "AWS_SECRET_ACCESS_KEY, without spaces",
				   where);
	return rc ? rc : 1;
}

static int find_in_environment(const struct aws_setup *s, struct aws_found *out)
{
	return find_in(s->options.environment, "the environment", out);
}

static int find_in_dotenv(const struct aws_setup *s, struct aws_found *out)
{
	const char *path = s->options.dotenv ? s->options.dotenv : ".env";

	return find_in(s->dotenv, path, out);
}

const struct aws_source aws_source_environment_variables = {
	.name = "environment",
	.not_for_profile = true,
	.find = find_in_environment,
};

const struct aws_source aws_source_environment_dotenv = {
	.name = ".env",
	.not_for_profile = true,
	.find = find_in_dotenv,
};
