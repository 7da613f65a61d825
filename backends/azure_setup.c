#include "backends/azure_setup.h"

#include "backends/dotenv.h"
#include "backends/secret.h"
#include "backends/strbuf.h"

#include <errno.h>
#include <string.h>
#include <time.h>

/* ---- Looking ------------------------------------------------------------ */

const char *azure_setup_variable(const struct azure_setup *s, const char *name)
{
	return dotenv_get(s->options.environment, name);
}

/* The same, or else that of .env.  Only for what cannot do harm if somebody
 * else wrote the folder's .env: neither for names of files and programs, nor
 * for servers that are sent secrets. */
static const char *variable_or_dotenv(const struct azure_setup *s,
				      const char *name)
{
	const char *value = azure_setup_variable(s, name);

	return value ? value : dotenv_get(s->dotenv, name);
}

const char *azure_setup_account(const struct azure_setup *s)
{
	const char *account = s->options.account;

	if (!account || !*account)
		account = variable_or_dotenv(s, "AZURE_STORAGE_ACCOUNT");
	return account ? account : "";
}

const char *azure_setup_dotenv_path(const struct azure_setup *s)
{
	return s->options.dotenv ? s->options.dotenv : ".env";
}

int64_t azure_setup_now(const struct azure_setup *s)
{
	return s->options.now ? s->options.now() : time(NULL);
}

/* ---- Making ------------------------------------------------------------- */

/* The strings among the options, which a copy must have for its own. */
static void strings_of(struct azure_credentials_options *o,
		       const char **strings[5])
{
	const char **all[] = { &o->account, &o->account_key,
			       &o->connection_string, &o->sas, &o->dotenv };

	memcpy(strings, all, sizeof(all));
}

static int copy_options(struct azure_credentials_options *o)
{
	const char **strings[5];

	strings_of(o, strings);
	return secret_copy(strings, ARRAY_SIZE(strings));
}

static void free_options(struct azure_credentials_options *o)
{
	const char **strings[5];

	strings_of(o, strings);
	for (size_t i = 0; i < ARRAY_SIZE(strings); i++)
		strbuf_wipe((char *)(uintptr_t)*strings[i]);
}

int azure_setup_new(const struct azure_credentials_options *options,
		    struct azure_setup **out)
{
	struct azure_setup *s = calloc(1, sizeof(*s));
	int rc;

	if (!s)
		return -ENOMEM;
	s->options = *options;
	rc = copy_options(&s->options);
	if (rc == 0)
		rc = dotenv_read(azure_setup_dotenv_path(s), &s->dotenv);
	if (rc)
		goto fail;
	*out = s;
	return 0;
fail:
	azure_setup_free(s);
	return rc;
}

void azure_setup_free(struct azure_setup *s)
{
	if (!s)
		return;
	free_options(&s->options);
	dotenv_free(s->dotenv);
	free(s);
}
