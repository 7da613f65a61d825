/* URLs that are signed: servers that others wrote take them, and not when they
 * are too old, or something else than what was signed.
 * servers: radosgw swift */
#include "backends/http.h"
#include "backends/s3.h"
#include "backends/sigv4.h"
#include "backends/strbuf.h"
#include "lib/servers.h"

#include <criterion/criterion.h>

#include <string.h>
#include <time.h>

#define ODD "a b/\xc3\xbc+%&?#'()*!~=.npz"

static const char text[] = "what is written is read";

struct asking {
	struct server *server;
	struct http *http;
	const char *url;
	char path[512];
};

static void begin(struct asking *a, const char *kind, bool tls)
{
	struct http_options options = { 0 };
	struct strbuf b = { 0 };
	char name[128], *path;

	a->server = servers_find(kind, &s3_ops);
	a->url = tls ? a->server->tls_url : a->server->url;
	options.ca_file = tls ? a->server->ca : NULL;
	cr_assert_eq(http_new(&options, &a->http), 0);
	snprintf(name, sizeof(name), "/presigned-%d/%s", (int)getpid(), ODD);
	strbuf_printf(&b, "/%s", a->server->bucket);
	strbuf_uri(&b, name, true);
	cr_assert_eq(strbuf_take(&b, &path), 0);
	snprintf(a->path, sizeof(a->path), "%s", path);
	free(path);
}

static void end(struct asking *a)
{
	http_free(a->http);
	free(a->server);
}

static char *presign(const struct asking *a, const char *method,
		     int64_t time_signed, unsigned seconds)
{
	const struct sigv4_key key = { .id = a->server->user,
				       .secret = a->server->secret };
	const struct sigv4_scope scope = { .time = time_signed,
					   .region = "us-east-1",
					   .service = "s3" };
	char host[300], *query;
	const char *const headers[] = { host, NULL };
	const struct sigv4_request r = { .method = method,
					 .path = a->path,
					 .headers = headers,
					 .payload_hash = SIGV4_UNSIGNED };

	snprintf(host, sizeof(host), "Host: %s", strstr(a->url, "//") + 2);
	cr_assert_eq(sigv4_presign(&key, &scope, &r, seconds, &query), 0);
	return query;
}

/* The status of a request to that URL; what comes goes into got. */
static int perform(const struct asking *a, enum http_method method,
		   const char *query, char *got, size_t size)
{
	static struct http_exchange x;
	const struct http_piece body = { text, sizeof(text) };
	char url[2048];

	snprintf(url, sizeof(url), "%s%s?%s", a->url, a->path, query);
	x = (struct http_exchange){ .method = method, .url = url };
	x.body = &body;
	x.n_body = method == HTTP_PUT;
	x.into = got;
	x.into_size = size;
	cr_assert_eq(http_perform(a->http, &x), 0, "%s", x.why);
	return x.status;
}

static int ask(const struct asking *a, enum http_method method,
	       const char *name, char *got, size_t size)
{
	AUTO_FREE char *query = presign(a, name, time(NULL), 60);

	return perform(a, method, query, got, size);
}

static void expect_taken(const char *kind, bool tls)
{
	struct asking a;
	char got[sizeof(text)] = "", none[64];

	begin(&a, kind, tls);
	cr_expect_eq(ask(&a, HTTP_PUT, "PUT", none, sizeof(none)), 200, "%s",
		     kind);
	cr_expect_eq(ask(&a, HTTP_GET, "GET", got, sizeof(got)), 200, "%s",
		     kind);
	cr_expect_arr_eq(got, text, sizeof(text));
	cr_expect_eq(ask(&a, HTTP_DELETE, "DELETE", none, sizeof(none)), 204,
		     "%s", kind);
	cr_expect_eq(ask(&a, HTTP_GET, "GET", none, sizeof(none)), 404, "%s",
		     kind);
	end(&a);
}

static const char *const kinds[] = { "radosgw", "swift" };

Test(presigned, urls_are_taken)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		expect_taken(kinds[i], false);
		expect_taken(kinds[i], true);
	}
}

static void expect_refused(const struct asking *a, enum http_method method,
			   char *query)
{
	char none[64];

	cr_expect_eq(perform(a, method, query, none, sizeof(none)), 403, "%s",
		     query);
	free(query);
}

Test(presigned, urls_are_refused_when_they_are_not_what_was_signed)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct asking a;
		char *query;

		begin(&a, kinds[i], false);
		expect_refused(&a, HTTP_GET,
			       presign(&a, "GET", time(NULL) - 120, 60));
		expect_refused(&a, HTTP_PUT,
			       presign(&a, "GET", time(NULL), 60));
		query = presign(&a, "GET", time(NULL), 60);
		query[strlen(query) - 1] ^= 1;
		expect_refused(&a, HTTP_GET, query);
		a.path[strlen(a.path) - 1]++;
		query = presign(&a, "GET", time(NULL), 60);
		a.path[strlen(a.path) - 1]--;
		expect_refused(&a, HTTP_GET, query);
		end(&a);
	}
}
