#include "backends/aws_setup.h"

#include "backends/aws_profiles.h"
#include "backends/dotenv.h"
#include "backends/http.h"
#include "backends/remote.h"
#include "backends/secret.h"
#include "backends/strbuf.h"
#include "base/log.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <time.h>

const char *aws_setup_variable(const struct aws_setup *s, const char *name)
{
	return dotenv_get(s->options.environment, name);
}

/* The same, or else that of .env.  Only for what cannot do harm if somebody
 * else wrote the folder's .env: neither for names of files and programs, nor
 * for servers that are sent secrets. */
static const char *variable_or_dotenv(const struct aws_setup *s,
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

	strings_of(o, strings);
	return secret_copy(strings, ARRAY_SIZE(strings));
}

static void free_options(struct aws_credentials_options *o)
{
	const char **strings[7];

	strings_of(o, strings);
	for (size_t i = 0; i < ARRAY_SIZE(strings); i++)
		strbuf_wipe((char *)(uintptr_t)*strings[i]);
}

/* ---- The profile -------------------------------------------------------- */

/* A file that a variable names, "~/" being the home; or one of the home.  NULL:
 * there is neither. */
static int find_file(const struct aws_setup *s, const char *variable,
		     const char *standard, char **out)
{
	const char *path = aws_setup_variable(s, variable);
	const char *home = aws_setup_variable(s, "HOME");
	AUTO_STRBUF struct strbuf b = { 0 };

	path = path ? path : standard;
	if (!strncmp(path, "~/", 2)) {
		if (!home)
			return 0;
		strbuf_puts(&b, home);
		path++;
	}
	strbuf_puts(&b, path);
	return strbuf_take(&b, out);
}

static int read_profiles(const struct aws_setup *s, struct aws_profiles *p)
{
	int rc = 0;

	if (s->config)
		rc = aws_profiles_read(p, AWS_PROFILES_CONFIG, s->config);
	if (rc == 0 && s->credentials)
		rc = aws_profiles_read(p, AWS_PROFILES_CREDENTIALS,
				       s->credentials);
	return rc;
}

int aws_setup_profiles(const struct aws_setup *s, struct aws_profiles **out)
{
	struct aws_profiles *p;
	int rc = aws_profiles_new(&p);

	if (rc)
		return rc;
	rc = read_profiles(s, p);
	if (rc == 0 && s->profile_named && !aws_profiles_has(p, s->profile))
		rc = log_invalid("there is no profile '%s' in %s or %s",
				 s->profile, s->config ? s->config : "~",
				 s->credentials ? s->credentials : "~");
	if (rc)
		aws_profiles_free(p);
	else
		*out = p;
	return rc;
}

static int choose_profile(struct aws_setup *s)
{
	const char *name = s->options.profile;

	if (!name)
		name = variable_or_dotenv(s, "AWS_PROFILE");
	s->profile_named = name != NULL;
	s->profile = strdup(name ? name : "default");
	return s->profile ? 0 : -ENOMEM;
}

/* ---- What is in force --------------------------------------------------- */

/* The first that is there. */
static int keep_first(const char *const *candidates, size_t n, char **out)
{
	for (size_t i = 0; i < n; i++) {
		if (!candidates[i] || !*candidates[i])
			continue;
		*out = strdup(candidates[i]);
		return *out ? 0 : -ENOMEM;
	}
	return 0;
}

static int find_region(struct aws_setup *s, const struct aws_profiles *p)
{
	const char *const candidates[] = {
		s->options.region,
		variable_or_dotenv(s, "AWS_REGION"),
		variable_or_dotenv(s, "AWS_DEFAULT_REGION"),
		aws_profiles_get(p, s->profile, "region"),
	};

	return keep_first(candidates, ARRAY_SIZE(candidates), &s->region);
}

/* Addresses that nobody gave for this call alone may be switched off. */
static bool ignores_endpoints(const struct aws_setup *s,
			      const struct aws_profiles *p)
{
	const char *value = aws_profiles_get(p, s->profile,
					     "ignore_configured_endpoint_urls");

	return aws_setup_flag(s, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") ||
	       (value && !strcasecmp(value, "true"));
}

static int find_endpoint(struct aws_setup *s, const struct aws_profiles *p)
{
	const struct remote_endpoint candidates[] = {
		{ s->options.endpoint, "storage.storage_options.endpoint_url" },
		{ aws_setup_variable(s, "AWS_ENDPOINT_URL_S3"),
		  "AWS_ENDPOINT_URL_S3" },
		{ dotenv_get(s->dotenv, "AWS_ENDPOINT_URL_S3"),
		  "AWS_ENDPOINT_URL_S3 in .env" },
		{ aws_setup_variable(s, "AWS_ENDPOINT_URL"),
		  "AWS_ENDPOINT_URL" },
		{ dotenv_get(s->dotenv, "AWS_ENDPOINT_URL"),
		  "AWS_ENDPOINT_URL in .env" },
		{ aws_profiles_get_service(p, s->profile, "s3", "endpoint_url"),
		  "endpoint_url of the profile's services" },
		{ aws_profiles_get(p, s->profile, "endpoint_url"),
		  "endpoint_url of the profile" },
	};
	size_t n = ignores_endpoints(s, p) ? 1 : ARRAY_SIZE(candidates);

	for (size_t i = 0; i < n; i++) {
		if (!candidates[i].url || !*candidates[i].url)
			continue;
		s->endpoint = strdup(candidates[i].url);
		s->endpoint_by = candidates[i].by;
		return s->endpoint ? 0 : -ENOMEM;
	}
	return 0;
}

static int find_sts_endpoint(struct aws_setup *s, const struct aws_profiles *p)
{
	const char *const candidates[] = {
		aws_setup_variable(s, "AWS_ENDPOINT_URL_STS"),
		aws_setup_variable(s, "AWS_ENDPOINT_URL"),
		aws_profiles_get_service(p, s->profile, "sts", "endpoint_url"),
		aws_profiles_get(p, s->profile, "endpoint_url"),
	};

	if (ignores_endpoints(s, p))
		return 0;
	return keep_first(candidates, ARRAY_SIZE(candidates), &s->sts_endpoint);
}

/* The CLI's order; what other programs go by comes after the profile. */
static int find_authorities(struct aws_setup *s, const struct aws_profiles *p)
{
	const char *const candidates[] = {
		s->options.http ? s->options.http->ca_file : NULL,
		aws_setup_variable(s, "AWS_CA_BUNDLE"),
		aws_profiles_get(p, s->profile, "ca_bundle"),
	};

	return keep_first(candidates, ARRAY_SIZE(candidates), &s->ca_file);
}

static int find_places(struct aws_setup *s)
{
	struct aws_profiles *p;
	int rc = aws_setup_profiles(s, &p);

	if (rc)
		return rc;
	rc = find_region(s, p);
	if (rc == 0)
		rc = find_endpoint(s, p);
	if (rc == 0)
		rc = find_sts_endpoint(s, p);
	if (rc == 0)
		rc = find_authorities(s, p);
	aws_profiles_free(p);
	return rc;
}

/* One thread at a time asks. */
static int make_http(struct aws_setup *s)
{
	struct http_options o = { 0 };

	if (s->options.http)
		o = *s->options.http;
	s->options.http = NULL; /* the caller's */
	o.ca_file = s->ca_file;
	o.kept = 1;
	return http_new(&o, &s->http);
}

/* ---- All of it ---------------------------------------------------------- */

static int fill(struct aws_setup *s)
{
	const char *dotenv = s->options.dotenv ? s->options.dotenv : ".env";
	int rc = copy_options(&s->options);

	if (rc == 0)
		rc = dotenv_read(dotenv, &s->dotenv);
	if (rc == 0)
		rc = find_file(s, "AWS_CONFIG_FILE", "~/.aws/config",
			       &s->config);
	if (rc == 0)
		rc = find_file(s, "AWS_SHARED_CREDENTIALS_FILE",
			       "~/.aws/credentials", &s->credentials);
	if (rc == 0)
		rc = choose_profile(s);
	if (rc == 0)
		rc = find_places(s);
	if (rc == 0)
		rc = make_http(s);
	return rc;
}

int aws_setup_new(const struct aws_credentials_options *options,
		  struct aws_setup **out)
{
	struct aws_setup *s = calloc(1, sizeof(*s));
	int rc;

	if (!s)
		return -ENOMEM;
	s->options = *options;
	rc = fill(s);
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
	http_free(s->http);
	free_options(&s->options);
	dotenv_free(s->dotenv);
	free(s->config);
	free(s->credentials);
	free(s->profile);
	free(s->region);
	free(s->endpoint);
	free(s->sts_endpoint);
	free(s->ca_file);
	free(s);
}
