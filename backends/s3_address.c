#include "backends/s3_address.h"

#include "backends/backend.h"
#include "backends/strbuf.h"
#include "base/log.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#define KEY_MAX 1024 /* bytes ("Naming Amazon S3 objects", S3 User Guide) */

/* Instead of who named the server, as whoever did not mean it must. */
#define BY_NOBODY                                                              \
	"default; AWS_ENDPOINT_URL or storage.storage_options.endpoint_url "   \
	"names another"

/* An endpoint's parts. */
struct endpoint {
	char *scheme; /* "https" */
	char *host;   /* with a port that is not the scheme's own */
	char *base;   /* "" or "/base" */
};

static void endpoint_clear(struct endpoint *e)
{
	free(e->scheme);
	free(e->host);
	free(e->base);
}

/* ---- The bucket and the prefix ------------------------------------------ */

/* More than Amazon allows, for others do; but nothing that would change the
 * meaning of a path or a host. */
static bool bucket_ok(const char *bucket, size_t len)
{
	if (len == 0 || len > 255 || bucket[0] == '.' || bucket[0] == '-')
		return false;
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)bucket[i]) &&
		    !(bucket[i] && strchr("._-", bucket[i])))
			return false;
	return true;
}

static int take_prefix(const char *location, const char *prefix,
		       struct s3_address *a)
{
	size_t len = strlen(prefix);

	while (len > 0 && prefix[len - 1] == '/')
		len--;
	if (asprintf(&a->prefix, "%.*s%s", (int)len, prefix, len ? "/" : "") <
	    0) {
		a->prefix = NULL;
		return -ENOMEM;
	}
	if (backend_check_prefix(a->prefix) != 0)
		return log_invalid(
			"s3://%s: what follows the bucket must be a folder's "
			"path, without empty parts, '.' and '..'",
			location);
	return 0;
}

static int take_location(const char *location, struct s3_address *a)
{
	size_t len = strcspn(location, "/");
	bool ok = bucket_ok(location, len);

	/* "KEY:SECRET@BUCKET", with any '/' in the secret. */
	if (!ok && strchr(location, '@'))
		return log_invalid("s3://BUCKET has no key in it: set "
				   "AWS_ACCESS_KEY_ID and "
				   "AWS_SECRET_ACCESS_KEY, or a profile");
	if (!ok)
		return log_invalid(
			"s3://%s: want s3://BUCKET or "
			"s3://BUCKET/PREFIX, and a bucket's name has "
			"only letters, digits, '-', '.' and '_'",
			location);
	a->bucket = strndup(location, len);
	if (!a->bucket)
		return -ENOMEM;
	return take_prefix(location, location + len + (location[len] == '/'),
			   a);
}

/* ---- The server --------------------------------------------------------- */

static int bad_endpoint(const struct remote_endpoint *e)
{
	/* What follows '?' may be a signature. */
	return log_invalid("%s: '%.*s' is no server: want http://HOST[:PORT] "
			   "or https://HOST[:PORT]",
			   e->by, (int)strcspn(e->url, "?"), e->url);
}

/* Without the port that goes without saying: the client would leave it out of
 * the header Host, which is signed. */
static size_t host_len(const char *host, size_t len, bool tls)
{
	const char *port = tls ? ":443" : ":80";
	size_t n = strlen(port);

	if (len > n && !strncmp(host + len - n, port, n))
		return len - n;
	return len;
}

static int parse_endpoint(const struct remote_endpoint *given,
			  struct endpoint *e)
{
	const char *url = given->url;
	bool tls = !strncasecmp(url, "https://", 8);
	const char *host, *base;
	size_t len;

	/* A password would be printed. */
	if (strchr(url, '@'))
		return log_invalid("%s: a server's URL has no user in it; keys "
				   "are set by AWS_ACCESS_KEY_ID",
				   given->by);
	if (!tls && strncasecmp(url, "http://", 7) != 0)
		return bad_endpoint(given);
	host = url + (tls ? 8 : 7);
	len = strcspn(host, "/?#");
	base = host + len;
	if (len == 0 || host[0] == ':' || strpbrk(base, "?# %") ||
	    strcspn(host, " \t\r\n%") < len)
		return bad_endpoint(given);

	e->scheme = strdup(tls ? "https" : "http");
	e->host = strndup(host, host_len(host, len, tls));
	e->base = strdup(base);
	if (!e->scheme || !e->host || !e->base)
		return -ENOMEM;
	for (len = strlen(base); len > 0 && e->base[len - 1] == '/';)
		e->base[--len] = '\0';
	return 0;
}

static int amazon(const char *region, struct endpoint *e)
{
	bool china = !strncmp(region, "cn-", 3);

	e->scheme = strdup("https");
	e->base = strdup("");
	if (asprintf(&e->host, "s3.%s.amazonaws.com%s", region,
		     china ? ".cn" : "") < 0)
		e->host = NULL;
	return e->scheme && e->base && e->host ? 0 : -ENOMEM;
}

static bool is_virtual(const struct s3_place *place, const char *bucket)
{
	if (place->addressing != REMOTE_ADDRESSING_AUTO)
		return place->addressing == REMOTE_ADDRESSING_VIRTUAL;
	return !place->endpoint.url && !strchr(bucket, '.');
}

static int put_together(const struct s3_place *place, const struct endpoint *e,
			struct s3_address *a)
{
	bool virtual = is_virtual(place, a->bucket);

	if (asprintf(&a->host, "%s%s%s", virtual ? a->bucket : "",
		     virtual ? "." : "", e->host) < 0)
		a->host = NULL;
	if (asprintf(&a->root, "%s%s%s", e->base, virtual ? "" : "/",
		     virtual ? "" : a->bucket) < 0)
		a->root = NULL;
	if (!a->host || !a->root)
		return -ENOMEM;
	if (asprintf(&a->server, "%s://%s", e->scheme, a->host) < 0)
		a->server = NULL;
	return a->server ? 0 : -ENOMEM;
}

static int take_region(const char *region, struct s3_address *a)
{
	size_t len = strlen(region);

	if (len == 0 || len > 64 ||
	    strspn(region, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXY"
			   "Z0123456789-_") != len)
		return log_invalid("region '%s': want a name like us-east-1",
				   region);
	a->region = strdup(region);
	return a->region ? 0 : -ENOMEM;
}

/* ---- What the header promised ------------------------------------------- */

int s3_address_make(const struct s3_place *place, struct s3_address *out)
{
	struct endpoint e = { .scheme = NULL };
	int rc;

	*out = (struct s3_address){ .bucket = NULL };
	rc = take_location(place->location, out);
	if (rc == 0)
		rc = take_region(place->region, out);
	if (rc == 0)
		rc = place->endpoint.url ?
			     parse_endpoint(&place->endpoint, &e) :
			     amazon(place->region, &e);
	if (rc == 0)
		rc = put_together(place, &e, out);
	out->by = place->endpoint.url ? place->endpoint.by : BY_NOBODY;
	endpoint_clear(&e);
	if (rc)
		s3_address_clear(out);
	return rc;
}

void s3_address_clear(struct s3_address *a)
{
	free(a->bucket);
	free(a->prefix);
	free(a->region);
	free(a->server);
	free(a->host);
	free(a->root);
	*a = (struct s3_address){ .bucket = NULL };
}

static int make_path(const struct s3_address *a, const char *root,
		     const char *name, char **out)
{
	AUTO_STRBUF struct strbuf b = { .text = NULL };

	if (strlen(a->prefix) + strlen(name) > KEY_MAX)
		return -ENAMETOOLONG;
	strbuf_printf(&b, "%s/", root);
	strbuf_uri(&b, a->prefix, true);
	strbuf_uri(&b, name, true);
	return strbuf_take(&b, out);
}

int s3_address_path(const struct s3_address *a, const char *name, char **out)
{
	return make_path(a, a->root, name, out);
}

int s3_address_source(const struct s3_address *a, const char *name, char **out)
{
	AUTO_FREE char *root = NULL;

	if (asprintf(&root, "/%s", a->bucket) < 0) {
		root = NULL;
		return -ENOMEM;
	}
	return make_path(a, root, name, out);
}

const char *s3_address_bucket_path(const struct s3_address *a)
{
	return *a->root ? a->root : "/";
}
