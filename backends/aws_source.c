#include "backends/aws_source.h"

const struct aws_source *const aws_source_all[] = {
	&aws_source_settings_anonymous,
	&aws_source_settings_keys,
	&aws_source_environment_variables,
	&aws_source_environment_dotenv,
	NULL,
};
