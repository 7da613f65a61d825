/* A token of whoever is logged in with Azure's command line tool. */
#include "backends/azure_source.h"

#include "backends/azure_token.h"
#include "backends/command.h"
#include "backends/strbuf.h"
#include "base/log.h"

#include <errno.h>
#include <string.h>

#define TIMEOUT_MS 60000 /* it is written in Python, and may log in anew */
#define NOT_FOUND 127	 /* how posix_spawn() may say that there is none */

static int run(const struct azure_setup *s, char **out, int *status)
{
	const char *tenant = azure_setup_variable(s, "AZURE_TENANT_ID");
	const char *const words[] = { "az",
				      "account",
				      "get-access-token",
				      "--resource",
				      AZURE_TOKEN_RESOURCE,
				      "--output",
				      "json",
				      tenant ? "--tenant" : NULL,
				      tenant,
				      NULL };
	const struct command c = {
		.words = (char *const *)(uintptr_t)words,
		.environment = s->options.environment,
		.timeout_ms = TIMEOUT_MS,
		.stop = s->options.stop,
	};

	return command_run(&c, out, status);
}

static int find(const struct azure_setup *s, struct azure_found *out)
{
	AUTO_WIPE char *text = NULL;
	int rc, status;

	rc = run(s, &text, &status);
	if (rc == 0 && status == NOT_FOUND)
		rc = -ENOENT;
	if (rc == -ENOENT || rc == -ECANCELED)
		return rc;
	if (rc)
		return log_fail(rc, "az account get-access-token");
	if (status)
		return log_fail(-EACCES,
				"az account get-access-token ended with status "
				"%d; try \"az login\"",
				status);
	rc = azure_token_read(text, strlen(text), azure_setup_now(s), out);
	return rc == -EBADMSG ?
		       log_fail(rc, "what az account get-access-token says") :
		       rc;
}

const struct azure_source azure_source_cli = {
	.name = "Azure CLI",
	.find = find,
};
