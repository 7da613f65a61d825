#include "lib/azure_play.h"

#include "backends/azure.h"
#include "backends/uri.h"
#include "lib/contract.h"

#include <string.h>
#include <strings.h>

/* ---- The blob ----------------------------------------------------------- */

/* An answer with the old bytes may still be on its way: they live on. */
static void replace(struct azure_play *p, char *bytes, size_t len)
{
	p->old = reallocarray(p->old, p->writes + 1, sizeof(*p->old));
	cr_assert_not_null(p->old);
	p->old[p->writes] = p->bytes;
	p->bytes = bytes;
	p->len = len;
	snprintf(p->etag, sizeof(p->etag), "\"0x%u\"", ++p->writes);
}

void azure_play_replace(struct azure_play *p, size_t len, unsigned seed)
{
	char *bytes = malloc(len + 1);
	LOCKED(&p->lock);

	contract_fill(bytes, len, seed, 0);
	replace(p, bytes, len);
}

static char *copy_of(const void *bytes, size_t len)
{
	char *copy = malloc(len + 1);

	memcpy(copy, bytes, len);
	copy[len] = '\0';
	return copy;
}

/* ---- Requests ----------------------------------------------------------- */

static void created(struct azure_play *p, struct fault_answer *a)
{
	char *headers;

	cr_assert_gt(asprintf(&headers, "ETag: %s\r\n", p->etag), 0);
	a->status = 201;
	a->headers = a->owned = headers;
}

static void put_block(struct azure_play *p, const struct fault_request *q,
		      const char *id, struct fault_answer *a)
{
	size_t i = 0;

	while (p->block[i].id)
		cr_assert_lt(++i, AZURE_PLAY_BLOCKS);
	p->block[i].id = strndup(id, strcspn(id, "&"));
	uri_decode(p->block[i].id);
	p->block[i].bytes = copy_of(q->body, q->len);
	p->block[i].len = q->len;
	a->status = 201;
}

static size_t find_block(struct azure_play *p, const char *id, size_t len)
{
	size_t i = 0;

	while (strlen(p->block[i].id) != len ||
	       strncmp(p->block[i].id, id, len) != 0)
		i++;
	return i;
}

static void put_list(struct azure_play *p, const struct fault_request *q,
		     struct fault_answer *a)
{
	static const char tag[] = "<Latest>";
	size_t size = 0;
	char *bytes = NULL;

	for (const char *at = q->body; (at = strstr(at, tag)) != NULL;) {
		size_t i;

		at += strlen(tag);
		i = find_block(p, at, strcspn(at, "<"));
		bytes = realloc(bytes, size + p->block[i].len + 1);
		memcpy(bytes + size, p->block[i].bytes, p->block[i].len);
		size += p->block[i].len;
	}
	replace(p, bytes, size);
	created(p, a);
}

static void put(struct azure_play *p, const struct fault_request *q,
		struct fault_answer *a)
{
	const char *block = strstr(q->target, "blockid=");

	if (block)
		put_block(p, q, block + strlen("blockid="), a);
	else if (strstr(q->target, "comp=blocklist"))
		put_list(p, q, a);
	else if (fault_request_header(q, "x-ms-copy-source")) {
		a->status = 202;
		a->headers = "x-ms-copy-status: success\r\n"
			     "x-ms-copy-id: 1\r\n";
	} else {
		replace(p, copy_of(q->body, q->len), q->len);
		created(p, a);
	}
}

/* A copy: the blob may be another before it is sent. */
static void answer_blob(struct azure_play *p, const struct fault_request *q,
			struct fault_answer *a)
{
	fault_answer_object(a, q, p->bytes, p->len, p->etag);
	if (a->len)
		a->body = a->owned_too = copy_of(a->body, a->len);
}

static void answer(void *arg, const struct fault_request *q,
		   struct fault_answer *a)
{
	struct azure_play *p = arg;
	LOCKED(&p->lock);

	if (strstr(q->target, "comp=list"))
		fault_answer_print(a,
				   "<EnumerationResults><Blobs/><NextMarker/>"
				   "</EnumerationResults>");
	else if (!strcmp(q->method, "PUT"))
		put(p, q, a);
	else if (!strcmp(q->method, "DELETE"))
		a->status = 202;
	else if (!strstr(q->target, "/data/a"))
		a->status = 404;
	else if (p->unconditional && fault_request_header(q, "x-ms-range")) {
		struct fault_request free_of_it = *q;

		free_of_it.n_headers = 0;
		for (size_t i = 0; i < q->n_headers; i++)
			if (strcasecmp(q->headers[i].name, "If-Match") != 0)
				free_of_it.headers[free_of_it.n_headers++] =
					q->headers[i];
		answer_blob(p, &free_of_it, a);
	} else {
		answer_blob(p, q, a);
	}
}

/* ---- What the header promised ------------------------------------------- */

void azure_play_start(struct azure_play *p, size_t len, unsigned seed)
{
	static char *const nothing[] = { NULL };
	const struct fault_server_options options = { .handler = answer,
						      .arg = p };

	*p = (struct azure_play){ .bytes = NULL };
	pthread_mutex_init(&p->lock, NULL);
	azure_play_replace(p, len, seed);
	cr_assert_eq(fault_server_new(&options, &p->server), 0);
	p->options = (struct remote_options){
		.endpoint = fault_server_url(p->server),
		.account_key = AZURE_PLAY_KEY,
		.environment = nothing,
		.attempts = 3,
		.part_bytes = 100000,
	};
}

void azure_play_open(struct azure_play *p)
{
	const struct backend_options options = { .mem_fd = -1,
						 .remote = &p->options };

	cr_assert_eq(backend_open(&azure_ops, "az://acme/data", &options,
				  &p->store),
		     0);
}

void azure_play_end(struct azure_play *p)
{
	backend_close(p->store);
	fault_server_free(p->server);
	for (size_t i = 0; i < AZURE_PLAY_BLOCKS; i++) {
		free(p->block[i].id);
		free(p->block[i].bytes);
	}
	for (unsigned i = 0; i < p->writes; i++)
		free(p->old[i]);
	free(p->old);
	free(p->bytes);
	pthread_mutex_destroy(&p->lock);
}

void azure_play_rules(struct azure_play *p, const struct fault_rule *rules,
		      size_t n)
{
	fault_server_rules(p->server, rules, n);
}

const struct fault_request *
azure_play_last(struct azure_play *p, const char *method, const char *target)
{
	for (unsigned i = fault_server_seen(p->server); i-- > 0;) {
		const struct fault_request *q =
			fault_server_request(p->server, i);

		if (!strcmp(q->method, method) && strstr(q->target, target))
			return q;
	}
	return NULL;
}
