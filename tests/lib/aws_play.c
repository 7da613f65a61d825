#include "lib/aws_play.h"

#include "backends/digest.h"
#include "backends/sigv4.h"
#include "backends/strbuf.h"
#include "backends/uri.h"
#include "base/clock.h"
#include "lib/scratch.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

static _Atomic int64_t now;

int64_t aws_play_now(void)
{
	return now;
}

void aws_play_pass(int64_t seconds)
{
	now += seconds;
}

/* ---- Keys --------------------------------------------------------------- */

struct key {
	char id[80], secret[80], token[80], expires[32];
};

static struct key make_key(struct aws_play *p, const char *name)
{
	unsigned n = ++p->given;
	time_t when = (time_t)(now + p->life);
	struct key k;
	struct tm tm;

	snprintf(k.id, sizeof(k.id), "AKID-%s-%u", name, n);
	snprintf(k.secret, sizeof(k.secret), "S3CR3T-%s-%u", name, n);
	snprintf(k.token, sizeof(k.token), "S3CR3T-TOKEN-%s-%u", name, n);
	gmtime_r(&when, &tm);
	strftime(k.expires, sizeof(k.expires), "%Y-%m-%dT%H:%M:%SZ", &tm);
	return k;
}

static void answer_json(struct aws_play *p, struct fault_answer *a,
			const char *name)
{
	struct key k = make_key(p, name);

	fault_answer_print(a,
			   "{\"Code\": \"Success\", \"AccessKeyId\": \"%s\", "
			   "\"SecretAccessKey\": \"%s\", \"Token\": \"%s\", "
			   "\"Expiration\": \"%s\"}",
			   k.id, k.secret, k.token, k.expires);
}

static bool has(const struct fault_request *q, const char *name,
		const char *value)
{
	const char *got = fault_request_header(q, name);

	return got && !strcmp(got, value);
}

/* ---- EC2 and containers ------------------------------------------------- */

#define EC2_ROLES "/latest/meta-data/iam/security-credentials/"

static void play_ec2(struct aws_play *p, const struct fault_request *q,
		     struct fault_answer *a)
{
	bool known = has(q, "X-aws-ec2-metadata-token", AWS_PLAY_PASSWORD);

	if (!strcmp(q->target, "/latest/api/token")) {
		bool good = !strcmp(q->method, "PUT") && q->len == 0 &&
			    fault_request_header(
				    q, "X-aws-ec2-metadata-token-ttl-seconds");

		a->status = good ? 200 : 400;
		a->body = good ? AWS_PLAY_PASSWORD : NULL;
	} else if (!known) {
		a->status = 401;
	} else if (!strcmp(q->target, EC2_ROLES)) {
		a->body = "my+role\n";
	} else if (!strcmp(q->target, EC2_ROLES "my%2Brole")) {
		answer_json(p, a, "ec2");
	} else {
		a->status = 404;
	}
}

static void play_container(struct aws_play *p, const struct fault_request *q,
			   struct fault_answer *a)
{
	if (has(q, "Authorization", AWS_PLAY_PASSWORD))
		answer_json(p, a, "container");
	else
		a->status = 403;
}

/* ---- STS ---------------------------------------------------------------- */

/* A parameter of a form, decoded. */
static bool take(const char *form, const char *name, char out[512])
{
	size_t len = strlen(name);

	for (const char *p = form; p; p = strchr(p, '&'), p = p ? p + 1 : p) {
		if (strncmp(p, name, len) != 0 || p[len] != '=')
			continue;
		p += len + 1;
		snprintf(out, 512, "%.*s", (int)strcspn(p, "&"), p);
		uri_decode(out);
		return true;
	}
	return false;
}

/* AKID-x has SECRET-x and TOKEN-x; the base has no token. */
static struct sigv4_key key_of(const char *credential, char text[3][96])
{
	const char *rest = strncmp(credential, "AKID-", 5) ? "?" :
							     credential + 5;
	int len = (int)strcspn(rest, "/");

	snprintf(text[0], 96, "AKID-%.*s", len, rest);
	snprintf(text[1], 96, "S3CR3T-%.*s", len, rest);
	snprintf(text[2], 96, "S3CR3T-TOKEN-%.*s", len, rest);
	return (struct sigv4_key){
		.id = text[0],
		.secret = text[1],
		.token = strcmp(text[0], AWS_PLAY_ID) ? text[2] : NULL,
	};
}

static void header(char out[256], const struct fault_request *q,
		   const char *name)
{
	const char *value = fault_request_header(q, name);

	snprintf(out, 256, "%s: %s", name, value ? value : "");
}

/* Signed by a key that we know, with its token, at this moment? */
static bool is_signed(const struct fault_request *q)
{
	static const char start[] = "AWS4-HMAC-SHA256 Credential=";
	const char *given = fault_request_header(q, "Authorization");
	const struct digest_piece body = { q->body, q->len };
	char text[3][96], headers[4][256], hash[65];
	const struct sigv4_scope scope = { now, "eu-north-1", "sts" };
	struct sigv4_key key;
	AUTO_FREE char *want = NULL;

	if (!given || strncmp(given, start, strlen(start)) != 0)
		return false;
	key = key_of(given + strlen(start), text);
	header(headers[0], q, "Host");
	header(headers[1], q, "X-Amz-Date");
	header(headers[2], q, "Content-Type");
	header(headers[3], q, "X-Amz-Security-Token");
	if (key.token && !has(q, "X-Amz-Security-Token", key.token))
		return false;
	digest_sha256_hex(&body, 1, hash);
	const char *const list[] = { headers[0], headers[1], headers[2],
				     key.token ? headers[3] : NULL, NULL };
	const struct sigv4_request r = { .method = "POST",
					 .path = "/",
					 .headers = list,
					 .payload_hash = hash,
					 .normalize = true };

	return sigv4_authorization(&key, &scope, &r, &want) == 0 &&
	       !strcmp(want, given);
}

static void answer_xml(struct aws_play *p, struct fault_answer *a,
		       const char *action, const char *arn)
{
	const char *slash = strrchr(arn, '/');
	struct key k = make_key(p, slash ? slash + 1 : "?");

	fault_answer_print(
		a,
		"<%sResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/"
		"\"><%sResult><Credentials><AccessKeyId>%s</AccessKeyId>"
		"<SecretAccessKey>%s</SecretAccessKey><SessionToken>%s"
		"</SessionToken><Expiration>%s</Expiration></Credentials>"
		"</%sResult></%sResponse>",
		action, action, k.id, k.secret, k.token, k.expires, action,
		action);
}

static void play_sts(struct aws_play *p, const struct fault_request *q,
		     struct fault_answer *a)
{
	char action[512] = "", arn[512] = "", token[512] = "";
	bool allowed;

	take(q->body, "Action", action);
	take(q->body, "RoleArn", arn);
	take(q->body, "WebIdentityToken", token);
	allowed = !strcmp(action, "AssumeRole") ?
			  is_signed(q) :
			  !strcmp(action, "AssumeRoleWithWebIdentity") &&
				  !fault_request_header(q, "Authorization") &&
				  !strcmp(token, AWS_PLAY_PASSWORD);
	if (allowed)
		return answer_xml(p, a, action, arn);
	a->status = 403;
	a->body = "<ErrorResponse><Error><Code>AccessDenied</Code></Error>"
		  "</ErrorResponse>";
}

static void babble(struct aws_play *p, const struct fault_request *q,
		   struct fault_answer *a)
{
	AUTO_STRBUF struct strbuf b = { 0 };

	for (size_t i = 0; i < q->n_headers; i++)
		strbuf_printf(&b, "%s: %s\n", q->headers[i].name,
			      q->headers[i].value);
	fault_answer_print(a,
			   "<ErrorResponse><Error><Code>" AWS_PLAY_MARK
			   "</Code><Message>%s\n%s</Message></Error>"
			   "</ErrorResponse>",
			   b.text, (const char *)q->body);
	a->status = p->babble;
}

static void play(void *arg, const struct fault_request *q,
		 struct fault_answer *a)
{
	struct aws_play *p = arg;

	clock_sleep_until(clock_ns() + p->slow_ms * (NS_PER_SEC / 1000));
	if (p->babble)
		babble(p, q, a);
	else if (!strncmp(q->target, "/latest/", 8))
		play_ec2(arg, q, a);
	else if (!strcmp(q->target, "/container"))
		play_container(arg, q, a);
	else
		play_sts(arg, q, a);
}

/* ---- Folder and environment --------------------------------------------- */

static char *fill_in(const struct aws_play *p, const char *text)
{
	AUTO_STRBUF struct strbuf b = { 0 };
	char *out;

	for (; *text; text++) {
		if (!strncmp(text, "%URL%", 5)) {
			strbuf_puts(&b, fault_server_url(p->server));
			text += 4;
		} else if (!strncmp(text, "%DIR%", 5)) {
			strbuf_puts(&b, p->folder);
			text += 4;
		} else {
			strbuf_putc(&b, *text);
		}
	}
	if (strbuf_take(&b, &out))
		abort();
	return out;
}

void aws_play_set(struct aws_play *p, const char *text)
{
	if (p->n + 1 == ARRAY_SIZE(p->environment))
		abort();
	p->environment[p->n++] = fill_in(p, text);
}

void aws_play_write(struct aws_play *p, const char *name, const char *text)
{
	AUTO_FREE char *all = fill_in(p, text);
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", p->folder, name);
	f = fopen(path, "we");
	if (!f || fputs(all, f) < 0 || fclose(f))
		abort();
}

void aws_play_use_ec2(struct aws_play *p)
{
	p->ec2 = true;
	aws_play_set(p, "AWS_EC2_METADATA_SERVICE_ENDPOINT=%URL%/");
}

void aws_play_use_container(struct aws_play *p)
{
	aws_play_set(p, "AWS_CONTAINER_CREDENTIALS_FULL_URI=%URL%/container");
	aws_play_set(p, "AWS_CONTAINER_AUTHORIZATION_TOKEN=" AWS_PLAY_PASSWORD);
}

void aws_play_use_sts(struct aws_play *p)
{
	aws_play_set(p, "AWS_ENDPOINT_URL_STS=%URL%");
	aws_play_set(p, "AWS_REGION=eu-north-1");
}

/* ---- All of it ---------------------------------------------------------- */

struct aws_play *aws_play_new(void)
{
	struct aws_play *p = calloc(1, sizeof(*p));
	struct fault_server_options o = { .handler = play, .arg = p };
	char path[512];

	if (!p || fault_server_new(&o, &p->server))
		abort();
	now = AWS_PLAY_NOW;
	p->life = 3600;
	p->folder = scratch_new();
	snprintf(path, sizeof(path), "%s/.aws", p->folder);
	mkdir(path, 0700);
	aws_play_set(p, "HOME=%DIR%");
	return p;
}

void aws_play_free(struct aws_play *p)
{
	fault_server_free(p->server);
	for (size_t i = 0; i < p->n; i++)
		free(p->environment[i]);
	scratch_remove(p->folder);
	free(p);
}

int aws_play_open(struct aws_play *p, struct aws_credentials_options o,
		  struct aws_credentials **out)
{
	char dotenv[512];

	if (!p->ec2)
		aws_play_set(p, "AWS_EC2_METADATA_DISABLED=true");
	snprintf(dotenv, sizeof(dotenv), "%s/.env", p->folder);
	o.environment = p->environment;
	o.dotenv = dotenv;
	o.now = aws_play_now;
	if (!o.answer_ms)
		o.answer_ms = 60000;
	return aws_credentials_new(&o, out);
}

const char *aws_play_id(struct aws_credentials *c)
{
	static _Thread_local char id[128];
	struct aws_key *k;
	int rc = aws_credentials_get(c, &k);

	if (rc)
		return strerrorname_np(-rc);
	snprintf(id, sizeof(id), "%s", k->key.id ? k->key.id : "");
	aws_key_free(k);
	return id;
}
