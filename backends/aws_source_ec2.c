/* Keys of the role that an EC2 machine has, from its metadata service: a token
 * for the session first, then the role's name, then its keys.  Only version 2 is
 * spoken: version 1 can be tricked into answering strangers.
 *
 * Source: Amazon EC2 User Guide, "Use the Instance Metadata Service". */
#include "backends/aws_source.h"

#include "backends/ask.h"
#include "backends/strbuf.h"
#include "base/log.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#define TIMEOUT_MS 1000 /* elsewhere nobody answers: that must not hang */
#define ROLES "/latest/meta-data/iam/security-credentials/"
#define WHO "EC2 metadata"

static int build(char **out, const char *base, const char *path,
		 const char *name)
{
	AUTO_STRBUF struct strbuf b = { 0 };
	size_t len = strlen(base);

	while (len && base[len - 1] == '/')
		len--;
	strbuf_add(&b, base, len);
	strbuf_puts(&b, path);
	strbuf_uri(&b, name, false);
	return strbuf_take(&b, out);
}

static const char *base_of(const struct aws_setup *s)
{
	const char *base =
		aws_setup_variable(s, "AWS_EC2_METADATA_SERVICE_ENDPOINT");
	const char *mode =
		aws_setup_variable(s, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE");

	if (base)
		return base;
	return mode && !strcasecmp(mode, "IPv6") ? "http://[fd00:ec2::254]" :
						   "http://169.254.169.254";
}

static struct ask_question question(const struct aws_setup *s, const char *url,
				    const char *const *headers)
{
	return (struct ask_question){
		.who = WHO,
		.url = url,
		.headers = headers,
		.direct = true,
		.timeout_ms = s->options.answer_ms ? s->options.answer_ms :
						     TIMEOUT_MS,
	};
}

/* The session's token, as the header that carries it.  NULL: there is no such
 * service here; other clouds have something else at this address. */
static int begin_session(const struct aws_setup *s, const char *base,
			 char **out)
{
	static const char *const headers[] = {
		"X-aws-ec2-metadata-token-ttl-seconds: 21600", NULL
	};
	AUTO_FREE char *url = NULL;
	AUTO_STRBUF struct strbuf b = { 0 };
	struct ask_question q;
	struct ask_answer a;
	int rc = build(&url, base, "/latest/api/token", "");

	if (rc)
		return rc;
	q = question(s, url, headers);
	q.method = HTTP_PUT;
	q.tries = 1;
	rc = ask_server(s->http, s->options.stop, &q, &a);
	if (rc == -ENOMEM || rc == -ECANCELED)
		return rc;
	if (rc || a.status != 200 || !*a.text || !aws_found_is_plain(a.text)) {
		log_debug(WHO ": none (error %d, status %d)", -rc, a.status);
		ask_clear(&a);
		return 0;
	}
	strbuf_printf(&b, "X-aws-ec2-metadata-token: %s", a.text);
	ask_clear(&a);
	return strbuf_take(&b, out);
}

static int take_role(const struct ask_question *q, struct ask_answer *a,
		     const char *base, char **out)
{
	a->text[strcspn(a->text, "\r\n")] = '\0';
	if (!*a->text || !aws_found_is_plain(a->text))
		return ask_fail(q, 0, a);
	return build(out, base, ROLES, a->text);
}

/* Where the keys of the role are.  NULL: there is none. */
static int find_role(const struct aws_setup *s, const char *base,
		     const char *const *headers, char **out)
{
	AUTO_FREE char *url = NULL;
	struct ask_question q;
	struct ask_answer a;
	int rc = build(&url, base, ROLES, "");

	if (rc)
		return rc;
	q = question(s, url, headers);
	rc = ask_server(s->http, s->options.stop, &q, &a);
	if (rc || (a.status != 200 && a.status != 404))
		rc = ask_fail(&q, rc, &a);
	else if (a.status == 404)
		log_warn(WHO ": this machine has no role");
	else
		rc = take_role(&q, &a, base, out);
	ask_clear(&a);
	return rc;
}

static int find_keys(const struct aws_setup *s, const char *base,
		     const char *token, struct aws_found *out)
{
	const char *const headers[] = { token, NULL };
	AUTO_FREE char *url = NULL;
	struct ask_question q;
	int rc = find_role(s, base, headers, &url);

	if (rc || !url)
		return rc;
	q = question(s, url, headers);
	return aws_source_ask(s, &q, out);
}

static int find(const struct aws_setup *s, struct aws_found *out)
{
	AUTO_WIPE char *token = NULL;
	int rc;

	if (aws_setup_flag(s, "AWS_EC2_METADATA_DISABLED"))
		return 0;
	rc = begin_session(s, base_of(s), &token);
	if (rc || !token)
		return rc;
	return find_keys(s, base_of(s), token, out);
}

const struct aws_source aws_source_ec2 = {
	.name = WHO,
	.find = find,
};
