/* The places where Azure credentials come from: rows of one table, tried in its
 * order by azure_credentials.c. */
#ifndef BACKENDS_AZURE_SOURCE_H
#define BACKENDS_AZURE_SOURCE_H

#include "backends/azure_found.h"
#include "backends/azure_setup.h"

struct azure_source {
	const char *name; /* for messages */

	/* -ENOENT: this is not where they come from, the next shall look.  Any
	 * other error has been said, and nobody else is asked: to go on as
	 * somebody else than the user meant would only be confusing. */
	int (*find)(const struct azure_setup *s, struct azure_found *out);
};

/* In the order in which they are asked; ends with NULL. */
extern const struct azure_source *const azure_source_all[];

extern const struct azure_source azure_source_storage_settings,
	azure_source_storage_environment, azure_source_storage_dotenv;
extern const struct azure_source azure_source_login_secret,
	azure_source_login_assertion;
extern const struct azure_source azure_source_managed;
extern const struct azure_source azure_source_cli;

#endif
