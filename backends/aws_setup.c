#include "backends/aws_setup.h"

#include "backends/dotenv.h"
#include "backends/strbuf.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <time.h>

const char *aws_setup_variable(const struct aws_setup *s, const char *name)
{
	return dotenv_get(s->options.environment, name);
}

const char *aws_setup_variable_or_dotenv(const struct aws_setup *s,
					 const char *name)
{
	const char *value = aws_setup_variable(s, name);

	return value ? value : dotenv_get(s->dotenv, name);
}

bool aws_setup_flag(const struct aws_setup *s, const char *name)
{
	static const char *const yes[] = { "true", "yes", "on", "1" };
	const char *value = aws_setup_variable(s, name);

	for (size_t i = 0; value && i < ARRAY_SIZE(yes); i++)
		if (!strcasecmp(value, yes[i]))
			return true;
	return false;
}

int64_t aws_setup_now(const struct aws_setup *s)
{
	return s->options.now ? s->options.now() : time(NULL);
}

/* ---- Making ------------------------------------------------------------- */

/* The strings among the options, which a copy must have for its own. */
static void strings_of(struct aws_credentials_options *o,
		       const char **strings[7])
{
	const char **all[] = { &o->key_id, &o->secret,	 &o->token, &o->profile,
			       &o->region, &o->endpoint, &o->dotenv };

	memcpy(strings, all, sizeof(all));
}

static int copy_options(struct aws_credentials_options *o)
{
	const char **strings[7];
	int rc = 0;

	strings_of(o, strings);
	for (size_t i = 0; i < ARRAY_SIZE(strings); i++) {
		if (!*strings[i])
			continue;
		*strings[i] = strdup(*strings[i]);
		if (!*strings[i])
			rc = -ENOMEM;
	}
	return rc;
}

static void free_options(struct aws_credentials_options *o)
{
	const char **strings[7];

	strings_of(o, strings);
	for (size_t i = 0; i < ARRAY_SIZE(strings); i++)
		strbuf_wipe((char *)(uintptr_t)*strings[i]);
}

static int read_dotenv(struct aws_setup *s)
{
	const char *path = s->options.dotenv ? s->options.dotenv : ".env";
	int rc = dotenv_read(path, &s->dotenv);

	if (rc != -ENOENT)
		return rc;
	s->dotenv = calloc(1, sizeof(*s->dotenv));
	return s->dotenv ? 0 : -ENOMEM;
}

static int first_of(const struct aws_setup *s, const char *option,
		    const char *const names[2], char **out)
{
	const char *value = option && *option ? option : NULL;

	for (size_t i = 0; !value && i < 2; i++)
		value = aws_setup_variable_or_dotenv(s, names[i]);
	if (!value)
		return 0;
	*out = strdup(value);
	return *out ? 0 : -ENOMEM;
}

static int find_place(struct aws_setup *s)
{
	static const char *const region[] = { "AWS_REGION",
					      "AWS_DEFAULT_REGION" };
	static const char *const endpoint[] = { "AWS_ENDPOINT_URL_S3",
						"AWS_ENDPOINT_URL" };
	int rc = first_of(s, s->options.region, region, &s->region);

	return rc ? rc :
		    first_of(s, s->options.endpoint, endpoint, &s->endpoint);
}

int aws_setup_new(const struct aws_credentials_options *options,
		  struct aws_setup **out)
{
	struct aws_setup *s = calloc(1, sizeof(*s));
	int rc;

	if (!s)
		return -ENOMEM;
	s->options = *options;
	rc = copy_options(&s->options);
	if (rc == 0)
		rc = read_dotenv(s);
	if (rc == 0)
		rc = find_place(s);
	if (rc)
		goto fail;
	*out = s;
	return 0;
fail:
	aws_setup_free(s);
	return rc;
}

void aws_setup_free(struct aws_setup *s)
{
	if (!s)
		return;
	free_options(&s->options);
	dotenv_free(s->dotenv);
	free(s->region);
	free(s->endpoint);
	free(s);
}
