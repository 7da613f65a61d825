#include "backends/http.h"

#include "backends/wire.h"
#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#define KEPT 64
#define CONNECT_MS 5000
#define FIRST_BYTE_MS 30000
#define STALL_MS 10000

struct http {
	struct http_options options; /* without zeros */
	char *ca_file;

	pthread_mutex_t lock; /* guards what follows */
	struct wire **idle;   /* room for options.kept; the one used last … */
	unsigned n_idle;      /* … is the last, and taken first */
};

/* ---- Connections --------------------------------------------------------- */

static struct wire *take_idle(struct http *h)
{
	LOCKED(&h->lock);

	return h->n_idle ? h->idle[--h->n_idle] : NULL;
}

/* False: there are enough. */
static bool put_idle(struct http *h, struct wire *w)
{
	LOCKED(&h->lock);

	if (h->n_idle >= h->options.kept)
		return false;
	h->idle[h->n_idle++] = w;
	return true;
}

/* ---- Making -------------------------------------------------------------- */

static const char *ca_file_of(const struct http_options *o)
{
	static const char *const names[] = { "AWS_CA_BUNDLE", "CURL_CA_BUNDLE",
					     "SSL_CERT_FILE" };

	if (o->ca_file)
		return o->ca_file;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *value = getenv(names[i]);

		if (value && *value)
			return value;
	}
	return NULL;
}

static void set_standards(struct http_options *o)
{
	o->kept = o->kept ? o->kept : KEPT;
	o->connect_ms = o->connect_ms ? o->connect_ms : CONNECT_MS;
	o->first_byte_ms = o->first_byte_ms ? o->first_byte_ms : FIRST_BYTE_MS;
	o->stall_ms = o->stall_ms ? o->stall_ms : STALL_MS;
}

static void destroy(struct http *h)
{
	free(h->idle);
	free(h->ca_file);
	free(h);
}

static struct http *make(const struct http_options *options,
			 const char *ca_file)
{
	struct http *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	h->options = *options;
	set_standards(&h->options);
	h->ca_file = ca_file ? strdup(ca_file) : NULL;
	h->options.ca_file = h->ca_file;
	h->idle = calloc(h->options.kept, sizeof(struct wire *));
	if (!h->idle || (ca_file && !h->ca_file)) {
		destroy(h);
		return NULL;
	}
	pthread_mutex_init(&h->lock, NULL);
	return h;
}

int http_new(const struct http_options *options, struct http **out)
{
	const char *ca_file = ca_file_of(options);
	struct http *h;

	if (ca_file && access(ca_file, R_OK))
		return log_fail(-errno, "certificates of authorities %s",
				ca_file);
	if (wire_begin())
		return log_fail(-ENOMEM, "libcurl");
	h = make(options, ca_file);
	if (!h) {
		wire_end();
		return -ENOMEM;
	}
	*out = h;
	return 0;
}

void http_free(struct http *h)
{
	struct wire *w;

	if (!h)
		return;
	while ((w = take_idle(h)))
		wire_free(w);
	pthread_mutex_destroy(&h->lock);
	destroy(h);
	wire_end();
}

/* ---- Requests ------------------------------------------------------------ */

const char *http_method_name(enum http_method method)
{
	static const char *const names[] = {
		[HTTP_GET] = "GET",	  [HTTP_HEAD] = "HEAD",
		[HTTP_PUT] = "PUT",	  [HTTP_POST] = "POST",
		[HTTP_DELETE] = "DELETE",
	};

	return names[method];
}

uint64_t http_body_bytes(const struct http_piece *body, size_t n)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < n; i++)
		bytes += body[i].len;
	return bytes;
}

/* ---- Exchanges ----------------------------------------------------------- */

int http_perform(struct http *h, struct http_exchange *x)
{
	struct wire *w = take_idle(h);
	int rc = -ENOMEM;

	x->begin_ns = clock_ns();
	if (!w)
		w = wire_new(&h->options);
	if (w) {
		rc = wire_exchange(w, x);
		if (rc == -ENOMEM || !put_idle(h, w))
			wire_free(w);
	}
	x->end_ns = clock_ns();
	return rc;
}

const char *http_reply_header(const struct http_exchange *x, const char *name,
			      size_t *len)
{
	size_t name_len = strlen(name);

	for (const char *line = x->reply; *line;) {
		size_t line_len = strcspn(line, "\n");
		const char *end = line + line_len;

		if (line_len > name_len && line[name_len] == ':' &&
		    !strncasecmp(line, name, name_len)) {
			const char *value = line + name_len + 1;

			value += strspn(value, " \t");
			while (end > value && strchr(" \t", end[-1]))
				end--;
			*len = (size_t)(end - value);
			return value;
		}
		line = end + (*end == '\n');
	}
	return NULL;
}
