#include "backends/aws_source.h"

#include "backends/ask.h"

const struct aws_source *const aws_source_all[] = {
	&aws_source_settings_anonymous,
	&aws_source_settings_keys,
	&aws_source_environment_variables,
	&aws_source_environment_dotenv,
	&aws_source_web_identity,
	&aws_source_profile,
	&aws_source_container,
	&aws_source_ec2,
	NULL,
};

int aws_source_ask(const struct aws_setup *s, const struct ask_question *q,
		   struct aws_found *out)
{
	struct ask_answer a;
	int rc = ask_server(s->http, s->options.stop, q, &a);

	if (rc || a.status != 200 ||
	    aws_found_set_json(out, a.text, a.len, "Token") || !out->expires)
		rc = ask_fail(q, rc, &a);
	ask_clear(&a);
	return rc ? rc : 1;
}
