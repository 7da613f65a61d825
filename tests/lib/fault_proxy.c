#include "lib/fault_proxy.h"

#include "base/log.h"
#include "base/rng.h"
#include "lib/fault_forward.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#define MAX_KINDS 16

/* How it stands with the requests of one method. */
struct share {
	char method[8];
	unsigned fitted, broken;
};

struct fault_proxy {
	struct fault_server *server;
	struct sockaddr_in to;
	FILE *log;

	pthread_mutex_t lock; /* all below */
	struct fault_plan plan;
	const struct kind *kinds[MAX_KINDS];
	size_t n_kinds;
	struct share shares[8]; /* the last: of all other methods */
	unsigned fitted, broken;
};

/* ---- Kinds -------------------------------------------------------------- */

struct kind {
	const char *name;
	enum fault fault;
	bool half;    /* of the body comes before it */
	bool refused; /* does not reach the server */

	/* Make or change the answer; or NULL. */
	void (*change)(struct fault_answer *a);
};

#define ERROR_DOCUMENT(code)                                                   \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"                         \
	"<Error><Code>" code "</Code><Message>by the proxy</Message>"          \
	"<RequestId>proxy</RequestId></Error>"

static void say_500(struct fault_answer *a)
{
	a->status = 500;
	a->headers = "x-ms-error-code: InternalError\r\n";
	a->body = ERROR_DOCUMENT("InternalError");
}

static void say_503(struct fault_answer *a)
{
	a->status = 503;
	a->headers = "Retry-After: 1\r\nx-ms-error-code: ServerBusy\r\n";
	a->body = ERROR_DOCUMENT("SlowDown");
}

static void say_expired(struct fault_answer *a)
{
	a->status = 403;
	a->headers = "x-ms-error-code: AuthenticationFailed\r\n";
	a->body = ERROR_DOCUMENT("ExpiredToken");
}

static void say_document(struct fault_answer *a)
{
	a->headers = "Content-Type: application/xml\r\n";
	a->body = ERROR_DOCUMENT("InternalError");
}

/* The value of each header whose name begins so is another now. */
static void spoil(struct fault_answer *a, const char *name, const char *value)
{
	AUTO_FREE char *copy = strdup(a->headers);
	size_t size;
	char *text;
	FILE *f = open_memstream(&text, &size);

	for (char *at = copy, *line; (line = strsep(&at, "\n"));) {
		line[strcspn(line, "\r")] = '\0';
		if (!strncasecmp(line, name, strlen(name)))
			fprintf(f, "%.*s: %s\r\n", (int)strcspn(line, ":"),
				line, value);
		else if (*line)
			fprintf(f, "%s\r\n", line);
	}
	fclose(f);
	free(a->owned);
	a->owned = text;
	a->headers = text;
}

static void spoil_etag(struct fault_answer *a)
{
	spoil(a, "ETag", "\"00000000000000000000000000000000\"");
}

static void spoil_checksum(struct fault_answer *a)
{
	static const char wrong_md5[] = "AAAAAAAAAAAAAAAAAAAAAA==";
	char *text;

	spoil(a, "x-amz-checksum-", "AAAAAA==");
	spoil(a, "x-ms-content-crc64", "AAAAAAAAAAA=");
	spoil(a, "x-ms-blob-content-md5", wrong_md5);
	spoil(a, "Content-MD5", wrong_md5);
	if (strcasestr(a->headers, "content-md5") ||
	    strcasestr(a->headers, "checksum-"))
		return;
	if (asprintf(&text, "%sContent-MD5: %s\r\n", a->headers, wrong_md5) < 0)
		abort();
	free(a->owned);
	a->owned = text;
	a->headers = text;
}

static void halve(struct fault_answer *a)
{
	if (a->body)
		a->len /= 2;
}

static const struct kind corrupt = { .name = "corrupt" };

static const struct kind kinds[] = {
	{ "500", FAULT_NONE, false, true, say_500 },
	{ "503", FAULT_NONE, false, true, say_503 },
	{ "expired", FAULT_NONE, false, true, say_expired },
	{ "document", FAULT_NONE, false, true, say_document },
	{ "close", FAULT_CLOSE, false, true, NULL },
	{ "reset", FAULT_RESET, false, true, NULL },
	{ "lose", FAULT_RESET, false, false, NULL },
	{ "reset-headers", FAULT_RESET_BODY, false, false, NULL },
	{ "reset-body", FAULT_RESET_BODY, true, false, NULL },
	{ "short", FAULT_SHORT, true, false, NULL },
	{ "cut", FAULT_CUT, true, false, NULL },
	{ "stall", FAULT_STALL, false, false, NULL },
	{ "stall-body", FAULT_STALL_BODY, true, false, NULL },
	{ "drip", FAULT_DRIP, false, false, NULL },
	{ "truncate", FAULT_NONE, false, false, halve },
	{ "etag", FAULT_NONE, false, false, spoil_etag },
	{ "checksum", FAULT_NONE, false, false, spoil_checksum },
};

static const struct kind *find_kind(const char *name)
{
	if (!strcmp(name, corrupt.name))
		return &corrupt;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(name, kinds[i].name))
			return &kinds[i];
	return NULL;
}

/* ---- The plan ----------------------------------------------------------- */

int fault_proxy_plan(struct fault_proxy *p, const struct fault_plan *plan)
{
	AUTO_FREE char *names = strdup(plan ? plan->kinds : "");
	LOCKED(&p->lock);

	if (plan && plan->percent > 100)
		return log_invalid("%u percent", plan->percent);
	p->n_kinds = 0;
	p->fitted = 0;
	p->broken = 0;
	memset(p->shares, 0, sizeof(p->shares));
	p->plan = plan ? *plan : (struct fault_plan){ 0 };
	for (char *at = names, *name; (name = strsep(&at, ","));) {
		const struct kind *kind = find_kind(name);

		if (!plan)
			break;
		if (!kind || p->n_kinds == MAX_KINDS)
			return log_invalid("'%s' is no fault of a proxy", name);
		p->kinds[p->n_kinds++] = kind;
	}
	return 0;
}

static struct share *share_of(struct fault_proxy *p, const char *method)
{
	struct share *s = p->shares;

	while (s < &p->shares[ARRAY_SIZE(p->shares) - 1] && s->method[0] &&
	       strcmp(s->method, method))
		s++;
	snprintf(s->method, sizeof(s->method), "%s", method);
	return s;
}

/* Where the k-th run of requests begins, of which one breaks. */
static unsigned run_begins(unsigned k, unsigned percent)
{
	return (k * 100 + percent - 1) / percent;
}

/* A chance for each request would let how many break depend on the order in
 * which threads send them. */
static bool drawn(const struct share *s, const struct fault_plan *plan)
{
	unsigned i = s->fitted - 1, k = i * plan->percent / 100;
	unsigned begin = run_begins(k, plan->percent);
	unsigned end = run_begins(k + 1, plan->percent);

	return i == begin + rng_mix(plan->seed, k) % (end - begin);
}

static bool counted(unsigned n, const struct fault_plan *plan)
{
	unsigned first = MAX(plan->first, 1u);

	return n >= first && (!plan->times || n - first < plan->times);
}

static const struct kind *choose(struct fault_proxy *p,
				 const struct fault_request *q, unsigned *ms)
{
	const struct fault_plan *plan = &p->plan;
	struct share *share;
	LOCKED(&p->lock);

	*ms = plan->ms;
	if (p->n_kinds == 0 ||
	    (plan->method && strcmp(plan->method, q->method)) ||
	    (plan->target && !strstr(q->target, plan->target)))
		return NULL;
	p->fitted++;
	share = share_of(p, q->method);
	share->fitted++;
	if (plan->percent > 0 ? !drawn(share, plan) : !counted(p->fitted, plan))
		return NULL;
	p->broken++;
	return p->kinds[share->broken++ % p->n_kinds];
}

/* ---- Requests ----------------------------------------------------------- */

static void write_log(struct fault_proxy *p, const struct fault_request *q,
		      const struct fault_answer *a, const struct kind *kind)
{
	if (!p->log)
		return;
	fprintf(p->log, "%s %d %s %s\n", kind ? kind->name : "-", a->status,
		q->method, q->target);
	fflush(p->log);
}

static void forward(struct fault_proxy *p, const struct fault_request *q,
		    struct fault_answer *a)
{
	char *body = NULL;

	if (fault_forward(&p->to, q, a, &body) < 0) {
		free(a->owned);
		*a = (struct fault_answer){ .status = 502 };
	}
	a->owned_too = body;
}

static void forward_corrupt(struct fault_proxy *p,
			    const struct fault_request *q,
			    struct fault_answer *a)
{
	AUTO_FREE char *body = malloc(q->len + 1);
	struct fault_request other = *q;

	memcpy(body, q->body, q->len);
	if (q->len > 0)
		body[q->len / 2] ^= 1;
	other.body = body;
	forward(p, &other, a);
}

static void handle(void *arg, const struct fault_request *q,
		   struct fault_answer *a)
{
	struct fault_proxy *p = arg;
	unsigned ms;
	const struct kind *kind = choose(p, q, &ms);

	if (kind == &corrupt)
		forward_corrupt(p, q, a);
	else if (!kind || !kind->refused)
		forward(p, q, a);
	write_log(p, q, a, kind);
	if (!kind || a->status == 502)
		return;
	a->fault = kind->fault;
	a->ms = ms;
	a->at = kind->half ? a->len / 2 : 0;
	if (kind->change)
		kind->change(a);
}

/* ---- Life --------------------------------------------------------------- */

int fault_proxy_new(const struct fault_proxy_options *options,
		    struct fault_proxy **out)
{
	struct fault_proxy *p = calloc(1, sizeof(*p));
	const struct fault_server_options o = {
		.tls = options->tls,
		.misnamed = options->misnamed,
		.handler = handle,
		.arg = p,
		.forget_mine = fault_forward_close,
		.forget = options->forget,
	};
	int rc;

	*out = NULL;
	pthread_mutex_init(&p->lock, NULL);
	rc = fault_forward_parse(options->to, &p->to);
	if (rc == 0 && options->log) {
		p->log = fopen(options->log, "a");
		rc = p->log ? 0 : -errno;
	}
	if (rc == 0)
		rc = fault_server_new(&o, &p->server);
	if (rc < 0) {
		fault_proxy_free(p);
		return log_fail(rc, "a proxy to %s", options->to);
	}
	*out = p;
	return 0;
}

void fault_proxy_free(struct fault_proxy *p)
{
	if (!p)
		return;
	fault_server_free(p->server);
	if (p->log)
		fclose(p->log);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

struct fault_server *fault_proxy_server(struct fault_proxy *p)
{
	return p->server;
}

unsigned fault_proxy_fitted(struct fault_proxy *p)
{
	LOCKED(&p->lock);

	return p->fitted;
}

unsigned fault_proxy_broken(struct fault_proxy *p)
{
	LOCKED(&p->lock);

	return p->broken;
}
