#include "backends/azure_store.h"

#include "backends/azure_credentials.h"
#include "backends/azure_errors.h"
#include "backends/azure_list.h"
#include "backends/dotenv.h"
#include "backends/remote.h"
#include "backends/upload.h"
#include "base/log.h"

#include <errno.h>
#include <string.h>

/* What Azurite and services that nobody updates know. */
#define VERSION "2021-12-02"

#define CONCURRENCY 16
#define PART_BYTES (8 * MIB)
#define PARTS 16
#define DEADLINE_MS 120000

/* ---- What it speaks ----------------------------------------------------- */

static int sign(void *store, const struct rest_call *call,
		struct rest_request *request)
{
	struct azure_store *s = store;
	int rc;

	rc = rest_add_header(request, "x-ms-version: " VERSION);
	if (rc)
		return log_fail(rc, "az://%s: a request is too long",
				s->address.account);
	return azure_credentials_sign(s->credentials, call, request);
}

static void refresh(void *store, const char *key)
{
	(void)key; /* there is but one token */
	azure_credentials_expire(((struct azure_store *)store)->credentials);
}

static int feed_page(void *list, const void *data, size_t len)
{
	return azure_list_feed(list, data, len);
}

static void begin_page(void *list)
{
	azure_list_begin(list);
}

/* A page that is cut off is asked for again.  Who does not know ranges sends
 * anything, and will do so again. */
static int doubt(const struct rest_call *call, const struct http_exchange *x,
		 struct rest_error *e)
{
	if (call->sink == feed_page)
		return azure_list_end(call->sink_arg);
	if (call->op != REC_READ || x->status == 206)
		return 0;
	*e = (struct rest_error){ .code = "NotTheRange", .advice = REST_FINAL };
	return -EPROTO;
}

static const struct rest_dialect dialect = {
	.name = "Azure",
	.request_id = "x-ms-request-id",
	.errors = azure_errors_table,
	.explain = azure_errors_explain,
	.sign = sign,
	.refresh = refresh,
	.doubt = doubt,
};

int azure_store_call(struct azure_store *s, struct rest_call *call)
{
	call->server = s->address.server;
	return rest_call(s->rest, call);
}

int azure_store_page(struct azure_store *s, const struct azure_page *page,
		     struct rest_call *call, struct azure_list *l)
{
	AUTO_FREE char *query = azure_list_query(page->prefix, page->depth,
						 page->marker, page->most);

	if (!query)
		return -ENOMEM;
	call->op = REC_LIST;
	call->object = *page->prefix ? page->prefix : NULL;
	call->path = s->address.root;
	call->query = query;
	call->begin = begin_page;
	call->sink = feed_page;
	call->sink_arg = l;
	return azure_store_call(s, call);
}

/* ---- Opening ------------------------------------------------------------ */

static int sign_in(struct azure_store *s, const struct remote_options *remote)
{
	const struct azure_credentials_options options = {
		.account = s->address.account,
		.account_key = remote->account_key,
		.connection_string = remote->connection_string,
		.sas = remote->sas,
		.environment = remote->environment,
		.http = s->identity,
		.stop = remote->stop,
	};
	const char *account;
	int rc;

	rc = azure_credentials_new(&options, &s->credentials);
	if (rc)
		return rc;
	account = azure_credentials_account(s->credentials);
	if (account && strcmp(account, s->address.account) != 0)
		return log_invalid("az://%s/%s: the connection string is for "
				   "the account %s",
				   s->address.account, s->address.container,
				   account);
	return 0;
}

/* The last is the Azure CLI's name for it. */
static int find_server(struct azure_store *s,
		       const struct remote_options *remote)
{
	char *const *environment = remote->environment;
	const struct remote_endpoint ways[] = {
		{ remote->endpoint, "dliofs.azure.endpoint" },
		{ azure_credentials_endpoint(s->credentials),
		  "the connection string" },
		{ dotenv_get(environment, "AZURE_STORAGE_BLOB_ENDPOINT"),
		  "AZURE_STORAGE_BLOB_ENDPOINT" },
		{ dotenv_get(environment, "AZURE_STORAGE_SERVICE_ENDPOINT"),
		  "AZURE_STORAGE_SERVICE_ENDPOINT" },
	};

	return azure_address_locate(&s->address, ways, ARRAY_SIZE(ways));
}

static int connect_to(struct azure_store *s, const char *uri,
		      const struct http_options *http,
		      const struct remote_options *remote)
{
	const struct rest_options options = {
		.dialect = &dialect,
		.store = s,
		.uri = uri,
		.http = *http,
		.attempts = remote->attempts,
		.deadline_ms = s->deadline_ms,
		.concurrency = remote->concurrency,
		.recorder = remote->recorder,
		.stop = remote->stop,
	};
	unsigned threads = remote->concurrency ? remote->concurrency :
						 CONCURRENCY;
	uint64_t part = remote->part_bytes ? remote->part_bytes : PART_BYTES;
	uint64_t memory = remote->upload_memory ? remote->upload_memory :
						  PARTS * part;
	int rc;

	rc = rest_new(&options, &s->rest);
	if (rc == 0)
		rc = uploads_new(threads, part, memory, &s->uploads);
	return rc;
}

static void advise(const struct azure_store *s, const char *uri,
		   const struct rest_call *call, int rc)
{
	const struct advice a = {
		.uri = uri,
		.server = s->address.server,
		.by = s->address.by,
		.source = azure_credentials_source(s->credentials),
		.kind = ADVICE_AZURE,
		.rows = azure_errors_advice,
	};

	advice_say(&a, call->exchange, call->code, rc);
}

static int look(struct azure_store *s, const char *uri)
{
	const struct azure_page first = { .prefix = s->address.prefix,
					  .marker = "",
					  .depth = BACKEND_DEEP,
					  .most = 1 };
	struct http_exchange x = { .status = 0 };
	struct rest_call call = { .exchange = &x };
	struct azure_list *l;
	int rc;

	rc = azure_list_new(&l);
	if (rc)
		return rc;
	rc = azure_store_page(s, &first, &call, l);
	azure_list_free(l);
	if (rc && rc != -ECANCELED)
		advise(s, uri, &call, rc);
	return rc;
}

int azure_store_open(const char *location,
		     const struct backend_options *options,
		     struct azure_store **out)
{
	static const struct remote_options standard;
	const struct remote_options *remote =
		options->remote ? options->remote : &standard;
	const struct http_options http = {
		.connect_ms = remote->connect_ms,
		.first_byte_ms = remote->first_byte_ms,
		.stall_ms = remote->stall_ms,
		.ca_file = remote->ca_file,
	};
	struct azure_store *s = calloc(1, sizeof(*s));
	AUTO_FREE char *uri = NULL;
	int rc = -ENOMEM;

	if (!s || asprintf(&uri, "az://%s", location) < 0)
		goto fail;
	s->stop = remote->stop;
	s->deadline_ms = remote->deadline_ms ? remote->deadline_ms :
					       DEADLINE_MS;
	rc = azure_address_split(location, &s->address);
	if (rc == 0)
		rc = http_new(&http, &s->identity);
	if (rc == 0)
		rc = sign_in(s, remote);
	if (rc == 0)
		rc = find_server(s, remote);
	if (rc == 0)
		rc = connect_to(s, uri, &http, remote);
	if (rc == 0)
		rc = look(s, uri);
	if (rc)
		goto fail;
	*out = s;
	return 0;

fail:
	azure_store_close(s);
	return rc;
}

void azure_store_close(struct azure_store *s)
{
	if (!s)
		return;
	uploads_free(s->uploads);
	rest_free(s->rest);
	azure_credentials_free(s->credentials);
	http_free(s->identity);
	azure_address_clear(&s->address);
	free(s);
}
