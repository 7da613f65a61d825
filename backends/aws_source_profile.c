/* A profile: keys of its own, a program that prints some, or a role that another
 * profile, a token or one of the other sources may assume.
 *
 * Source: AWS SDKs and Tools Reference Guide, "Assume role credential provider"
 * and "Process credential provider". */
#include "backends/aws_source.h"

#include "backends/answer.h"
#include "backends/aws_profiles.h"
#include "backends/aws_sts.h"
#include "backends/command.h"
#include "backends/strbuf.h"
#include "base/log.h"

#include <errno.h>
#include <string.h>

#define CHAIN 8 /* profiles that lead to each other, at most */
#define PROCESS_TIMEOUT_MS 60000

struct walk {
	const struct aws_setup *setup;
	const struct aws_profiles *profiles;
	const char *seen[CHAIN]; /* from the first to this one */
	size_t n;
};

static const char *get(const struct walk *w, const char *profile,
		       const char *name)
{
	return aws_profiles_get(w->profiles, profile, name);
}

/* What follows returns as aws_source.h's find() does. */

/* ---- Keys --------------------------------------------------------------- */

static bool has_keys(const struct walk *w, const char *profile)
{
	return get(w, profile, "aws_access_key_id") ||
	       get(w, profile, "aws_secret_access_key");
}

static int take_keys(const struct walk *w, const char *profile,
		     struct aws_found *out)
{
	int rc = aws_found_set(out, get(w, profile, "aws_access_key_id"),
			       get(w, profile, "aws_secret_access_key"),
			       get(w, profile, "aws_session_token"));

	if (rc == -EBADMSG)
		return log_invalid("profile %s needs both aws_access_key_id "
				   "and aws_secret_access_key, without spaces",
				   profile);
	return rc ? rc : 1;
}

/* ---- A program ---------------------------------------------------------- */

/* {"Version": 1, "AccessKeyId": …, "SecretAccessKey": …, "SessionToken": …,
 * "Expiration": …}, the last two if it likes. */
static int take_printed(const char *text, struct aws_found *out)
{
	struct answer *a;
	int64_t version = 0;
	int rc = answer_new(text, strlen(text), &a);

	if (rc)
		return rc;
	rc = answer_number(a, "Version", &version);
	answer_free(a);
	if (rc || version != 1)
		return -EBADMSG;
	return aws_found_set_json(out, text, strlen(text), "SessionToken");
}

static int run(const struct walk *w, const char *profile, char **words,
	       struct aws_found *out)
{
	const struct command c = {
		.words = words,
		.environment = w->setup->options.environment,
		.timeout_ms = PROCESS_TIMEOUT_MS,
		.stop = w->setup->options.stop,
	};
	AUTO_WIPE char *text = NULL;
	int status;
	int rc = command_run(&c, &text, &status);

	if (rc == -ECANCELED)
		return rc;
	if (rc)
		return log_fail(rc, "credential_process of profile %s",
				profile);
	if (status != 0)
		return log_fail(-EACCES,
				"credential_process of profile %s ended with "
				"status %d (run it by hand to see why)",
				profile, status);
	rc = take_printed(text, out);
	if (rc)
		return log_fail(rc,
				"what credential_process of profile %s printed",
				profile);
	return 1;
}

static int take_process(const struct walk *w, const char *profile,
			const char *line, struct aws_found *out)
{
	AUTO_FREE char **words = NULL;
	int rc = command_split(line, &words);

	if (rc == -EINVAL)
		return log_invalid("credential_process of profile %s has a "
				   "quote that is not closed",
				   profile);
	return rc ? rc : run(w, profile, words, out);
}

/* ---- A role ------------------------------------------------------------- */

static int resolve(struct walk *w, const char *profile, struct aws_found *out);

/* Another of the sources. */
static int take_source(const struct walk *w, const char *profile,
		       const char *name, struct aws_found *out)
{
	static const struct {
		const char *name;
		const struct aws_source *source;
	} sources[] = {
		{ "Environment", &aws_source_environment_variables },
		{ "EcsContainer", &aws_source_container },
		{ "Ec2InstanceMetadata", &aws_source_ec2 },
	};
	int rc;

	for (size_t i = 0; i < ARRAY_SIZE(sources); i++) {
		if (strcmp(sources[i].name, name) != 0)
			continue;
		rc = sources[i].source->find(w->setup, out);
		if (rc != 0)
			return rc;
		return log_fail(-EACCES, "profile %s: no keys from %s", profile,
				name);
	}
	return log_invalid("credential_source of profile %s is Environment, "
			   "EcsContainer or Ec2InstanceMetadata",
			   profile);
}

static bool was_seen(const struct walk *w, const char *profile)
{
	for (size_t i = 0; i < w->n; i++)
		if (!strcmp(w->seen[i], profile))
			return true;
	return false;
}

/* A profile may name itself: then its own keys are meant. */
static int take_profile(struct walk *w, const char *profile, const char *source,
			struct aws_found *out)
{
	int rc;

	if (!strcmp(profile, source))
		return take_keys(w, profile, out);
	if (!aws_profiles_has(w->profiles, source))
		return log_invalid("there is no profile '%s', the "
				   "source_profile of %s",
				   source, profile);
	if (was_seen(w, source))
		return log_invalid("the profiles %s and %s lead to each other "
				   "by source_profile",
				   profile, source);
	rc = resolve(w, source, out);
	if (rc != 0)
		return rc;
	return log_invalid("profile %s, the source_profile of %s, has no keys",
			   source, profile);
}

static int take_keys_for_role(struct walk *w, const char *profile,
			      struct aws_found *out)
{
	const char *from = get(w, profile, "source_profile");
	const char *source = get(w, profile, "credential_source");

	if (!from == !source)
		return log_invalid("role_arn of profile %s needs one of "
				   "source_profile, credential_source and "
				   "web_identity_token_file",
				   profile);
	return from ? take_profile(w, profile, from, out) :
		      take_source(w, profile, source, out);
}

static int take_role(struct walk *w, const char *profile, const char *arn,
		     struct aws_found *out)
{
	const struct aws_sts_role role = {
		.arn = arn,
		.session = get(w, profile, "role_session_name"),
		.external_id = get(w, profile, "external_id"),
		.duration = get(w, profile, "duration_seconds"),
	};
	const char *token = get(w, profile, "web_identity_token_file");
	struct aws_found by = { 0 };
	int rc;

	if (get(w, profile, "mfa_serial"))
		return log_invalid("profile %s wants a code from a device "
				   "(mfa_serial), which cannot be typed here: "
				   "get a session by 'aws sts assume-role' and "
				   "give its keys",
				   profile);
	if (token) {
		rc = aws_sts_assume_by_token(w->setup, token, &role, out);
		return rc ? rc : 1;
	}
	rc = take_keys_for_role(w, profile, &by);
	if (rc > 0)
		rc = aws_sts_assume(w->setup, &by, &role, out);
	aws_found_clear(&by);
	return rc ? rc : 1;
}

/* ---- A profile ---------------------------------------------------------- */

static int take_first(struct walk *w, const char *profile,
		      struct aws_found *out)
{
	const char *arn = get(w, profile, "role_arn");
	const char *line = get(w, profile, "credential_process");

	/* What others look for in a profile are its keys, if it has some. */
	if (arn && (w->n == 1 || !has_keys(w, profile)))
		return take_role(w, profile, arn, out);
	if (has_keys(w, profile))
		return take_keys(w, profile, out);
	if (line)
		return take_process(w, profile, line, out);
	if (get(w, profile, "sso_session") || get(w, profile, "sso_start_url"))
		return log_invalid("profile %s has single sign-on only, which "
				   "is not known here: use 'aws configure "
				   "export-credentials' as credential_process",
				   profile);
	return 0;
}

static int resolve(struct walk *w, const char *profile, struct aws_found *out)
{
	int rc;

	if (w->n == CHAIN)
		return log_invalid("more than %d profiles lead to each other "
				   "by source_profile",
				   CHAIN);
	w->seen[w->n++] = profile;
	rc = take_first(w, profile, out);
	w->n--;
	return rc;
}

/* Read anew each time: somebody may have put new keys there. */
static int find(const struct aws_setup *s, struct aws_found *out)
{
	struct walk w = { .setup = s };
	struct aws_profiles *p;
	int rc = aws_setup_profiles(s, &p);

	if (rc)
		return rc;
	w.profiles = p;
	rc = resolve(&w, s->profile, out);
	aws_profiles_free(p);
	return rc;
}

const struct aws_source aws_source_profile = {
	.name = "profile",
	.is_profile = true,
	.find = find,
};
