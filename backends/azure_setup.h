/* Where the sources of Azure credentials look: options, environment, and .env.
 * Constant once made: any thread. */
#ifndef BACKENDS_AZURE_SETUP_H
#define BACKENDS_AZURE_SETUP_H

#include "backends/azure_credentials.h"

struct azure_setup {
	struct azure_credentials_options options; /* its strings are ours */
	char **dotenv;				  /* ends with NULL */
};

int azure_setup_new(const struct azure_credentials_options *options,
		    struct azure_setup **out) MUST_USE;
void azure_setup_free(struct azure_setup *s); /* NULL is fine */

/* The account of the options, or of AZURE_STORAGE_ACCOUNT; or "". */
const char *azure_setup_account(const struct azure_setup *s);

/* A variable of the environment that is not empty, or NULL. */
const char *azure_setup_variable(const struct azure_setup *s, const char *name);

const char *azure_setup_dotenv_path(const struct azure_setup *s);
int64_t azure_setup_now(const struct azure_setup *s);

#endif
