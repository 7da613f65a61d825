#include "backends/aws_sts.h"

#include "backends/ask.h"
#include "backends/aws_sts_answer.h"
#include "backends/digest.h"
#include "backends/secret.h"
#include "backends/strbuf.h"
#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define WHO "AWS STS"
#define TOKEN_MAX 65536
#define FORM "application/x-www-form-urlencoded"
#define GLOBAL_REGION "us-east-1"

/* ---- Refusals ----------------------------------------------------------- */

static bool may_pass(int status, const char *text)
{
	const struct aws_sts_refusal *r =
		aws_sts_answer_refusal(text, strlen(text));

	(void)status;
	return r && r->passes;
}

static int refuse(const struct ask_question *q, const struct ask_answer *a,
		  const char *arn)
{
	const struct aws_sts_refusal *r =
		aws_sts_answer_refusal(a->text, a->len);
	char place[ASK_PLACE_SIZE];

	if (!r)
		return ask_fail(q, 0, a);
	return log_fail(-EACCES, WHO " at %s, role %s: %s (%s)",
			ask_place(q->url, place), arn, r->code, r->meaning);
}

/* ---- Where -------------------------------------------------------------- */

static bool is_region(const char *text)
{
	return *text && !text[strspn(text, "abcdefghijklmnopqrstuvwxyz"
					   "0123456789-")];
}

/* Ends with "/". */
static int find_url(const struct aws_setup *s, char **out)
{
	const char *region = s->region;
	AUTO_STRBUF struct strbuf b = { 0 };

	if (s->sts_endpoint)
		strbuf_puts(&b, s->sts_endpoint);
	else if (!region)
		strbuf_puts(&b, "https://sts.amazonaws.com");
	else if (is_region(region))
		strbuf_printf(&b, "https://sts.%s.amazonaws.com%s", region,
			      strncmp(region, "cn-", 3) ? "" : ".cn");
	else
		return log_invalid("'%s' is no region of AWS; to ask another "
				   "STS, set AWS_ENDPOINT_URL_STS",
				   region);
	if (!b.error && b.text[b.len - 1] != '/')
		strbuf_putc(&b, '/');
	return strbuf_take(&b, out);
}

/* "Host: …" as HTTP has it, without the scheme's own port; and the path. */
static int find_host(const char *url, char **header, const char **path)
{
	const char *host = strstr(url, "://");
	const char *port = strncmp(url, "https:", 6) ? ":80" : ":443";
	AUTO_STRBUF struct strbuf b = { 0 };
	size_t len;

	if (!host)
		return log_invalid("the endpoint of STS is no URL");
	host += 3;
	len = strcspn(host, "/");
	*path = host + len;
	if (len > strlen(port) &&
	    !strncmp(host + len - strlen(port), port, strlen(port)))
		len -= strlen(port);
	strbuf_puts(&b, "Host: ");
	strbuf_add(&b, host, len);
	return strbuf_take(&b, header);
}

/* ---- What we say -------------------------------------------------------- */

static void add(struct strbuf *b, const char *name, const char *value)
{
	if (!value)
		return;
	strbuf_printf(b, "&%s=", name);
	strbuf_uri(b, value, false);
}

static int write_form(const struct aws_setup *s, const char *action,
		      const struct aws_sts_role *role, const char *token,
		      char **out)
{
	AUTO_STRBUF struct strbuf b = { 0 };
	char session[64];

	snprintf(session, sizeof(session), "dliofs-%" PRId64, aws_setup_now(s));
	if (role->duration &&
	    (!*role->duration ||
	     role->duration[strspn(role->duration, "0123456789")])) {
		log_invalid("duration_seconds of role %s is no number",
			    role->arn);
		return -EINVAL;
	}
	strbuf_printf(&b, "Action=%s&Version=2011-06-15", action);
	add(&b, "RoleArn", role->arn);
	add(&b, "RoleSessionName", role->session ? role->session : session);
	add(&b, "ExternalId", role->external_id);
	add(&b, "DurationSeconds", role->duration);
	add(&b, "WebIdentityToken", token);
	return strbuf_take(&b, out);
}

static int ask(const struct aws_setup *s, const char *url,
	       const char *const *headers, const char *form, const char *arn,
	       struct aws_found *out)
{
	const struct ask_question q = {
		.who = WHO,
		.method = HTTP_POST,
		.url = url,
		.headers = headers,
		.body = form,
		.timeout_ms = s->options.answer_ms,
		.again = may_pass,
	};
	struct ask_answer a;
	int rc = ask_server(s->http, s->options.stop, &q, &a);

	if (rc)
		rc = ask_fail(&q, rc, &a);
	else if (a.status != 200)
		rc = refuse(&q, &a, arn);
	else if (aws_sts_answer_keys(a.text, a.len, out))
		rc = ask_fail(&q, 0, &a);
	ask_clear(&a);
	return rc;
}

/* ---- By a key ----------------------------------------------------------- */

enum { HOST, DATE, TYPE, TOKEN, AUTHORIZATION, HEADERS };

/* A request that is signed.  Headers that are NULL are left out. */
struct letter {
	char *url, *form;
	char *headers[HEADERS];
};

static void burn(struct letter *l)
{
	strbuf_wipe(l->url);
	strbuf_wipe(l->form);
	for (size_t i = 0; i < HEADERS; i++)
		strbuf_wipe(l->headers[i]);
}

/* As a list that ends with NULL. */
static void list_headers(const struct letter *l, const char *out[HEADERS + 1])
{
	size_t n = 0;

	for (size_t i = 0; i < HEADERS; i++)
		if (l->headers[i])
			out[n++] = l->headers[i];
	out[n] = NULL;
}

static int set_header(struct letter *l, int which, const char *name,
		      const char *value)
{
	AUTO_STRBUF struct strbuf b = { 0 };

	if (!value)
		return 0;
	strbuf_printf(&b, "%s: %s", name, value);
	return strbuf_take(&b, &l->headers[which]);
}

static int address(struct letter *l, const struct aws_found *by, int64_t now,
		   const char **path)
{
	char date[SIGV4_TIME_SIZE];
	int rc = find_host(l->url, &l->headers[HOST], path);

	sigv4_time(now, date);
	if (rc == 0)
		rc = set_header(l, DATE, "X-Amz-Date", date);
	if (rc == 0)
		rc = set_header(l, TYPE, "Content-Type", FORM);
	if (rc == 0)
		rc = set_header(l, TOKEN, "X-Amz-Security-Token", by->token);
	return rc;
}

static int sign(struct letter *l, const struct aws_found *by, int64_t now,
		const char *region)
{
	const struct sigv4_key key = { by->id, by->secret, by->token };
	const struct sigv4_scope scope = { now, region, "sts" };
	const struct digest_piece body = { l->form, strlen(l->form) };
	char hash[2 * DIGEST_SHA256 + 1];
	const char *headers[HEADERS + 1];
	struct sigv4_request request = { .method = "POST",
					 .headers = headers,
					 .payload_hash = hash,
					 .normalize = true };
	AUTO_WIPE char *value = NULL;
	int rc = address(l, by, now, &request.path);

	if (rc)
		return rc;
	list_headers(l, headers);
	digest_sha256_hex(&body, 1, hash);
	rc = sigv4_authorization(&key, &scope, &request, &value);
	return rc ? rc : set_header(l, AUTHORIZATION, "Authorization", value);
}

int aws_sts_assume(const struct aws_setup *s, const struct aws_found *by,
		   const struct aws_sts_role *role, struct aws_found *out)
{
	const char *region = s->region ? s->region : GLOBAL_REGION;
	const char *headers[HEADERS + 1];
	struct letter l = { 0 };
	int rc = find_url(s, &l.url);

	if (rc == 0)
		rc = write_form(s, "AssumeRole", role, NULL, &l.form);
	if (rc == 0)
		rc = sign(&l, by, aws_setup_now(s), region);
	list_headers(&l, headers);
	if (rc == 0)
		rc = ask(s, l.url, headers, l.form, role->arn, out);
	burn(&l);
	return rc;
}

/* ---- By a token --------------------------------------------------------- */

int aws_sts_assume_by_token(const struct aws_setup *s, const char *token_file,
			    const struct aws_sts_role *role,
			    struct aws_found *out)
{
	static const char *const headers[] = { "Content-Type: " FORM, NULL };
	AUTO_WIPE char *token = NULL, *form = NULL;
	AUTO_FREE char *url = NULL;
	int rc = secret_read(token_file, TOKEN_MAX, &token);

	if (rc)
		return log_fail(rc, "web identity: read %s", token_file);
	token[strcspn(token, "\r\n")] = '\0';
	rc = find_url(s, &url);
	if (rc == 0)
		rc = write_form(s, "AssumeRoleWithWebIdentity", role, token,
				&form);
	return rc ? rc : ask(s, url, headers, form, role->arn, out);
}
