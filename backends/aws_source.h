/* The places where AWS credentials come from: rows of one table, tried in its
 * order by aws_credentials.c. */
#ifndef BACKENDS_AWS_SOURCE_H
#define BACKENDS_AWS_SOURCE_H

#include "backends/aws_found.h"
#include "backends/aws_setup.h"

struct ask_question;

struct aws_source {
	const char *name;     /* for messages */
	bool is_profile;      /* the profile's name belongs to its own */
	bool not_for_profile; /* who names a profile in the settings does not
			       * mean keys that lie about */

	/* 1: here they are.  0: this is not where they come from, the next
	 * shall look.  An error has been said, and nobody else is asked: to go
	 * on as somebody else than the user meant would only be confusing. */
	int (*find)(const struct aws_setup *s, struct aws_found *out);
};

/* In the order in which they are asked; ends with NULL. */
extern const struct aws_source *const aws_source_all[];

/* The rows, each in the file of its name. */
extern const struct aws_source aws_source_settings_anonymous,
	aws_source_settings_keys;
extern const struct aws_source aws_source_environment_variables,
	aws_source_environment_dotenv;
extern const struct aws_source aws_source_web_identity;
extern const struct aws_source aws_source_profile;
extern const struct aws_source aws_source_container;
extern const struct aws_source aws_source_ec2;

/* For those that ask a server which answers with JSON: 1, and the keys with the
 * time at which they expire; or an error that has been said. */
int aws_source_ask(const struct aws_setup *s, const struct ask_question *q,
		   struct aws_found *out) MUST_USE;

/* Where a container's keys are, from the two variables, of which one may be
 * NULL; to be freed.  -EINVAL: that is no place to send a token to, as has been
 * said. */
int aws_source_container_url(const char *relative, const char *full,
			     char **out) MUST_USE;

#endif
