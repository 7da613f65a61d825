/* Keys among the options, or the wish to have none. */
#include "backends/aws_source.h"

#include "base/log.h"

#include <errno.h>

static int find_anonymous(const struct aws_setup *s, struct aws_found *out)
{
	if (!s->options.anonymous &&
	    (s->options.key_id || !aws_setup_flag(s, "AWS_NO_SIGN_REQUEST")))
		return 0;
	aws_found_clear(out);
	return 1;
}

static int find_keys(const struct aws_setup *s, struct aws_found *out)
{
	const struct aws_credentials_options *o = &s->options;
	int rc;

	if (!o->key_id && !o->secret)
		return 0;
	rc = aws_found_set(out, o->key_id, o->secret, o->token);
	if (rc == -EBADMSG)
		return log_invalid("the settings need both an access key's id "
				   "and its secret, without spaces");
	return rc ? rc : 1;
}

const struct aws_source aws_source_settings_anonymous = {
	.name = "anonymous",
	.find = find_anonymous,
};

const struct aws_source aws_source_settings_keys = {
	.name = "settings",
	.find = find_keys,
};
