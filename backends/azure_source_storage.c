/* What an account itself gives out: keys, connection strings and shared access
 * signatures, from settings, the environment or a file .env. */
#include "backends/azure_source.h"

#include "backends/azure_connection.h"
#include "backends/dotenv.h"
#include "base/log.h"

#include <errno.h>
#include <string.h>

/* What was given, and what to call it. */
struct given {
	const char *where; /* "the environment" */
	const char *connection, *key, *sas;
};

/* What names one account and is used for another would be refused later, by a
 * server that does not say why. */
static int check_account(const struct azure_setup *s, const struct given *g,
			 const char *account)
{
	const char *wanted = s->options.account;

	if (!account || !wanted || !*wanted || !strcmp(account, wanted))
		return 0;
	return log_invalid("the connection string of %s is for the account %s, "
			   "not %s",
			   g->where, account, wanted);
}

static int take_connection(const struct azure_setup *s, const struct given *g,
			   struct azure_found *out)
{
	struct azure_connection c;
	const char *why;
	int rc;

	rc = azure_connection_parse(g->connection, &c, &why);
	if (rc == -EINVAL)
		return log_invalid("the connection string of %s: %s", g->where,
				   why);
	if (rc)
		return rc;
	rc = check_account(s, g, c.account);
	if (rc == 0)
		rc = c.key ? azure_found_key(out, c.key) :
			     azure_found_sas(out, c.sas);
	out->account = TAKE(c.account);
	out->endpoint = TAKE(c.endpoint);
	azure_connection_clear(&c);
	if (rc == -EBADMSG)
		return log_invalid("the AccountKey of %s is no base64",
				   g->where);
	return rc;
}

static int take_key(const struct azure_setup *s, const struct given *g,
		    struct azure_found *out)
{
	int rc;

	if (!*azure_setup_account(s))
		return log_invalid("the account key of %s needs an account",
				   g->where);
	rc = azure_found_key(out, g->key);
	return rc == -EBADMSG ?
		       log_invalid("the account key of %s is no base64",
				   g->where) :
		       rc;
}

static int take_sas(const struct given *g, struct azure_found *out)
{
	int rc = azure_found_sas(out, g->sas);

	return rc == -EBADMSG ? log_invalid("the shared access signature of %s "
					    "is none: there is a space or an "
					    "odd character in it",
					    g->where) :
				rc;
}

static int find(const struct azure_setup *s, const struct given *g,
		struct azure_found *out)
{
	if (g->connection && *g->connection)
		return take_connection(s, g, out);
	if (g->key && *g->key)
		return take_key(s, g, out);
	if (g->sas && *g->sas)
		return take_sas(g, out);
	return -ENOENT;
}

static int find_in_settings(const struct azure_setup *s,
			    struct azure_found *out)
{
	const struct given g = {
		.where = "the settings",
		.connection = s->options.connection_string,
		.key = s->options.account_key,
		.sas = s->options.sas,
	};

	return find(s, &g, out);
}

static int find_in(const struct azure_setup *s, char *const *environment,
		   const char *where, struct azure_found *out)
{
	struct given g = {
		.where = where,
		.connection = dotenv_get(environment,
					 "AZURE_STORAGE_CONNECTION_STRING"),
		.key = dotenv_get(environment, "AZURE_STORAGE_KEY"),
		.sas = dotenv_get(environment, "AZURE_STORAGE_SAS_TOKEN"),
	};

	if (!g.key)
		g.key = dotenv_get(environment, "AZURE_STORAGE_ACCOUNT_KEY");
	return find(s, &g, out);
}

static int find_in_environment(const struct azure_setup *s,
			       struct azure_found *out)
{
	return find_in(s, s->options.environment, "the environment", out);
}

static int find_in_dotenv(const struct azure_setup *s, struct azure_found *out)
{
	return find_in(s, s->dotenv, azure_setup_dotenv_path(s), out);
}

const struct azure_source azure_source_storage_settings = {
	.name = "settings",
	.find = find_in_settings,
};

const struct azure_source azure_source_storage_environment = {
	.name = "environment",
	.find = find_in_environment,
};

const struct azure_source azure_source_storage_dotenv = {
	.name = ".env",
	.find = find_in_dotenv,
};
