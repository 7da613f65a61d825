#include "backends/s3_client.h"

#include "backends/aws_credentials.h"
#include "backends/digest.h"
#include "backends/s3_document.h"
#include "backends/s3_errors.h"
#include "base/log.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#define MAX_PIECES 4 /* of a body */

/* ---- Signing ------------------------------------------------------------ */

static int hash_body(const struct rest_call *call,
		     char hash[2 * DIGEST_SHA256 + 1])
{
	struct digest_piece pieces[MAX_PIECES];

	if (call->n_body > MAX_PIECES)
		return -E2BIG;
	for (size_t i = 0; i < call->n_body; i++)
		pieces[i] = (struct digest_piece){ call->body[i].data,
						   call->body[i].len };
	digest_sha256_hex(pieces, call->n_body, hash);
	return 0;
}

static int add_headers(const struct s3_client *c, const struct sigv4_key *key,
		       int64_t now, const char *hash, struct rest_request *q)
{
	char stamp[SIGV4_TIME_SIZE];
	int rc;

	sigv4_time(now, stamp);
	rc = rest_add_header(q, "Host: %s", c->address.host);
	if (rc == 0)
		rc = rest_add_header(q, "x-amz-date: %s", stamp);
	if (rc == 0)
		rc = rest_add_header(q, "x-amz-content-sha256: %s", hash);
	if (rc == 0 && key->token)
		rc = rest_add_header(q, "x-amz-security-token: %s", key->token);
	return rc;
}

static int sign_with(struct s3_client *c, const struct sigv4_key *key,
		     const struct rest_call *call, struct rest_request *q)
{
	const struct sigv4_scope scope = { .time = time(NULL),
					   .region = c->address.region,
					   .service = "s3" };
	char hash[2 * DIGEST_SHA256 + 1];
	AUTO_FREE char *authorization = NULL;
	int rc;

	rc = hash_body(call, hash);
	if (rc == 0)
		rc = add_headers(c, key, scope.time, hash, q);
	if (rc)
		return rc;
	rc = sigv4_authorization(
		key, &scope,
		&(struct sigv4_request){ .method =
						 http_method_name(call->method),
					 .path = call->path,
					 .query = q->query,
					 .headers = q->headers,
					 .payload_hash = hash },
		&authorization);
	if (rc)
		return rc;
	return rest_add_header(q, "Authorization: %s", authorization);
}

static int sign(void *store, const struct rest_call *call,
		struct rest_request *q)
{
	struct s3_client *c = store;
	struct aws_key *key;
	int rc;

	rc = aws_credentials_get(c->credentials, &key);
	if (rc)
		return rc;
	if (key->key.id) {
		snprintf(q->key, sizeof(q->key), "%s", key->key.id);
		rc = sign_with(c, &key->key, call, q);
		if (rc)
			log_fail(rc, "%s: sign a request", c->uri);
	}
	aws_key_free(key);
	return rc;
}

static void refresh(void *store, const char *key)
{
	aws_credentials_expire(((struct s3_client *)store)->credentials, key);
}

/* ---- Answers ------------------------------------------------------------ */

static int doubt(const struct rest_call *call, const struct http_exchange *x,
		 struct rest_error *e)
{
	struct s3_document *d = call->sink_arg;
	int rc;

	(void)x;
	if (call->sink != s3_document_sink)
		return 0;
	rc = s3_document_end(d);
	if (rc == 0)
		return 0;
	*e = (struct rest_error){ .error = rc, .advice = REST_AGAIN };
	if (rc == -EREMOTEIO)
		*e = s3_errors_of_code(d->code);
	e->code = d->code;
	return e->error;
}

int s3_client_etag(const struct http_exchange *x, char etag[S3_ETAG_SIZE])
{
	const char *value;
	size_t len = 0;

	value = http_reply_header(x, "ETag", &len);
	if (value && len >= 2 && !strncmp(value, "W/", 2)) {
		value += 2;
		len -= 2;
	}
	if (len >= S3_ETAG_SIZE)
		return -EMSGSIZE;
	if (value)
		memcpy(etag, value, len);
	etag[len] = '\0';
	return 0;
}

bool s3_client_same_etag(const char *a, const char *b)
{
	size_t len;

	a += *a == '"';
	b += *b == '"';
	len = strcspn(a, "\"");
	return strcspn(b, "\"") == len && !memcmp(a, b, len);
}

/* ---- Calls -------------------------------------------------------------- */

int s3_client_call(struct s3_client *c, struct rest_call *call)
{
	call->server = c->address.server;
	if (!call->path)
		call->path = s3_address_bucket_path(&c->address);
	return rest_call(c->rest, call);
}

static void forget(void *arg)
{
	((const struct s3_text *)arg)->text[0] = '\0';
}

static int keep(void *arg, const char *path, const char *text, size_t len)
{
	const struct s3_text *wanted = arg;

	if (strcmp(path, wanted->element) != 0)
		return 0;
	if (len >= wanted->size)
		return -EBADMSG;
	memcpy(wanted->text, text, len + 1);
	return 0;
}

int s3_client_call_for(struct s3_client *c, struct rest_call *call,
		       const struct s3_text *wanted)
{
	struct s3_text text = *wanted;
	struct s3_document d = { .root = wanted->root,
				 .max_bytes = 64 * KIB,
				 .reset = forget,
				 .element = keep,
				 .arg = &text };
	struct rest_call with_document = *call;
	int rc;

	with_document.begin = s3_document_begin;
	with_document.sink = s3_document_sink;
	with_document.sink_arg = &d;
	rc = s3_client_call(c, &with_document);
	call->attempts = with_document.attempts;
	memcpy(call->code, with_document.code, sizeof(call->code));
	s3_document_free(&d);
	return rc;
}

int s3_client_not_gone(const struct s3_client *c, const struct rest_call *call,
		       int rc)
{
	if (rc != -ENOENT)
		return rc;
	log_error("%s: %s: %s answered %s", c->uri, call->object,
		  c->address.server, *call->code ? call->code : "404");
	return -EIO;
}

/* ---- The client --------------------------------------------------------- */

static const struct rest_dialect dialect = {
	.name = "S3",
	.request_id = "x-amz-request-id",
	.errors = s3_errors_table,
	.explain = s3_errors_explain,
	.sign = sign,
	.refresh = refresh,
	.doubt = doubt,
};

static struct http_options http_options(const struct remote_options *o)
{
	return (struct http_options){ .connect_ms = o->connect_ms,
				      .first_byte_ms = o->first_byte_ms,
				      .stall_ms = o->stall_ms,
				      .ca_file = o->ca_file };
}

static int find_credentials(struct s3_client *c, const struct remote_options *o)
{
	const struct http_options http = http_options(o);
	const struct aws_credentials_options wanted = {
		.anonymous = o->anonymous,
		.key_id = o->key_id,
		.secret = o->secret,
		.token = o->token,
		.profile = o->profile,
		.region = o->region,
		.endpoint = o->endpoint,
		.environment = o->environment,
		.http = &http,
		.stop = o->stop,
	};

	return aws_credentials_new(&wanted, &c->credentials);
}

static int find_server(struct s3_client *c, const char *location,
		       const struct remote_options *o)
{
	const char *region = aws_credentials_region(c->credentials);
	const struct s3_place place = {
		.location = location,
		.endpoint = aws_credentials_endpoint(c->credentials),
		.region = region ? region : "us-east-1",
		.addressing = o->addressing,
	};

	return s3_address_make(&place, &c->address);
}

static int make_rest(struct s3_client *c, const struct remote_options *o)
{
	struct rest_options rest = {
		.dialect = &dialect,
		.store = c,
		.uri = c->uri,
		.http = http_options(o),
		.attempts = o->attempts,
		.deadline_ms = o->deadline_ms,
		.concurrency = o->concurrency,
		.recorder = o->recorder,
		.stop = o->stop,
	};

	rest.http.ca_file = aws_credentials_ca_file(c->credentials);
	return rest_new(&rest, &c->rest);
}

int s3_client_new(const char *location, const struct remote_options *options,
		  struct s3_client **out)
{
	struct s3_client *c = calloc(1, sizeof(*c));
	int rc = -ENOMEM;

	if (!c)
		return rc;
	if (asprintf(&c->uri, "s3://%s", location) < 0) {
		c->uri = NULL;
		goto fail;
	}
	rc = find_credentials(c, options);
	if (rc == 0)
		rc = find_server(c, location, options);
	if (rc == 0)
		rc = make_rest(c, options);
	if (rc)
		goto fail;
	*out = c;
	return 0;

fail:
	s3_client_free(c);
	return rc;
}

void s3_client_free(struct s3_client *c)
{
	if (!c)
		return;
	rest_free(c->rest);
	aws_credentials_free(c->credentials);
	s3_address_clear(&c->address);
	free(c->uri);
	free(c);
}
