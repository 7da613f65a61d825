/* The places where AWS credentials come from: rows of one table, tried in its
 * order by aws_credentials.c. */
#ifndef BACKENDS_AWS_SOURCE_H
#define BACKENDS_AWS_SOURCE_H

#include "backends/aws_found.h"
#include "backends/aws_setup.h"

struct aws_source {
	const char *name; /* for messages */

	/* -ENOENT: this is not where they come from, the next shall look.  Any
	 * other error has been said, and nobody else is asked: to go on as
	 * somebody else than the user meant would only be confusing. */
	int (*find)(const struct aws_setup *s, struct aws_found *out);
};

/* In the order in which they are asked; ends with NULL. */
extern const struct aws_source *const aws_source_all[];

extern const struct aws_source aws_source_settings_anonymous,
	aws_source_settings_keys;
extern const struct aws_source aws_source_environment_variables,
	aws_source_environment_dotenv;

#endif
