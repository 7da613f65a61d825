#include "backends/azure_address.h"

#include "backends/backend.h"
#include "backends/uri.h"
#include "base/log.h"

#include <errno.h>
#include <string.h>

#define ACCOUNT_MAX 24
#define CONTAINER_MAX 63

/* Instead of who named the server, as whoever did not mean it must. */
#define BY_NOBODY                                                              \
	"default; AZURE_STORAGE_BLOB_ENDPOINT or dliofs.azure.endpoint names " \
	"another"

/* ---- az://account/container/prefix -------------------------------------- */

static const char lower_digits[] = "abcdefghijklmnopqrstuvwxyz0123456789";

/* Azurite takes shorter ones than Azure does. */
static bool account_ok(const char *text, size_t len)
{
	static const char secondary[] = "-secondary";
	size_t name = strspn(text, lower_digits);

	if (len - name == strlen(secondary) &&
	    !strncmp(text + name, secondary, strlen(secondary)))
		len = name;
	return name == len && len > 0 && len <= ACCOUNT_MAX;
}

/* "$web", "$root" and "$logs" are containers too. */
static bool container_ok(const char *text, size_t len)
{
	size_t i = text[0] == '$';

	if (len < 3 || len > CONTAINER_MAX)
		return false;
	for (; i < len; i++)
		if (!strchr(lower_digits, text[i]) && text[i] != '-')
			return false;
	return true;
}

/* A URL with a shared access signature, as portals give out, under another
 * scheme: that would be printed with every message. */
static bool holds_signature(const char *location)
{
	const char *query = strchr(location, '?');

	return query && strstr(query, "sig=");
}

/* With the slash that names begin behind, or "". */
static int copy_prefix(const char *text, char **out)
{
	size_t len = strlen(text);

	while (len > 0 && text[len - 1] == '/')
		len--;
	if (asprintf(out, "%.*s%s", (int)len, text, len > 0 ? "/" : "") < 0) {
		*out = NULL;
		return -ENOMEM;
	}
	return 0;
}

int azure_address_split(const char *location, struct azure_address *out)
{
	size_t account = strcspn(location, "/"), container;
	const char *rest;
	int rc;

	*out = (struct azure_address){ 0 };
	if (holds_signature(location))
		return log_invalid("az://%.*s: a signature (SAS) has a setting "
				   "of its own: AZURE_STORAGE_SAS_TOKEN, or "
				   "dliofs.azure.sas",
				   (int)strcspn(location, "?"), location);
	rest = location + account + (location[account] == '/');
	container = strcspn(rest, "/");
	if (!account_ok(location, account))
		return log_invalid("az://%s: the storage account '%.*s' is not "
				   "3 to 24 lower-case letters and digits; "
				   "write az://ACCOUNT/CONTAINER/PREFIX",
				   location, (int)account, location);
	if (!container_ok(rest, container))
		return log_invalid("az://%s: the container '%.*s' is not 3 to "
				   "63 lower-case letters, digits and '-'; "
				   "write az://ACCOUNT/CONTAINER/PREFIX",
				   location, (int)container, rest);

	out->account = strndup(location, account);
	out->container = strndup(rest, container);
	rest += container + (rest[container] == '/');
	rc = copy_prefix(rest, &out->prefix);
	if (rc == 0 && (!out->account || !out->container))
		rc = -ENOMEM;
	if (rc == 0 && backend_check_prefix(out->prefix))
		rc = log_invalid(
			"az://%s: the prefix '%s' has empty parts, '.' "
			"or '..' in it, or is too long",
			location, rest);
	if (rc)
		azure_address_clear(out);
	return rc;
}

/* ---- The server --------------------------------------------------------- */

struct url {
	size_t server; /* length of "http://host:port" */
	const char *host;
	size_t host_len;
	const char *path; /* "" or "/account", with path_len */
	size_t path_len;
};

static bool has_control(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text <= ' ' || *text == 0x7f)
			return true;
	return false;
}

static int url_split(const char *text, struct url *u)
{
	static const char *const schemes[] = { "http://", "https://" };

	u->host = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(schemes); i++)
		if (!strncasecmp(text, schemes[i], strlen(schemes[i])))
			u->host = text + strlen(schemes[i]);
	/* Neither a user nor a signature belongs here, and neither is
	 * printed. */
	if (!u->host || strpbrk(u->host, "@?#") || has_control(text))
		return -EINVAL;
	u->path = u->host + strcspn(u->host, "/");
	u->server = (size_t)(u->path - text);
	u->host_len = u->host[0] == '[' ? strcspn(u->host, "]/") + 1 :
					  strcspn(u->host, ":/");
	u->path_len = strlen(u->path);
	while (u->path_len > 0 && u->path[u->path_len - 1] == '/')
		u->path_len--;
	return u->host_len > 0 && u->host + u->host_len <= u->path ? 0 :
								     -EINVAL;
}

static bool holds_no_account(const struct url *u)
{
	return u->host[0] == '[' ||
	       strspn(u->host, "0123456789.") >= u->host_len ||
	       (u->host_len == strlen("localhost") &&
		!strncasecmp(u->host, "localhost", u->host_len));
}

/* OTHER.blob.core...: nothing of ours is there. */
static bool is_of_another(const struct url *u, const char *account)
{
	const char *dot = memchr(u->host, '.', u->host_len);
	size_t len = dot ? (size_t)(dot - u->host) : 0;

	return dot && !strncmp(dot, ".blob.core.", strlen(".blob.core.")) &&
	       (len != strlen(account) || strncasecmp(u->host, account, len));
}

static int locate(struct azure_address *a, const struct remote_endpoint *e)
{
	const char *endpoint = e->url;
	struct url u;
	bool add;

	if (url_split(endpoint, &u))
		return log_invalid("az://%s/%s: %s is no plain "
				   "http://host:port or https://host; a "
				   "signature (SAS) has a setting of its own",
				   a->account, a->container, e->by);
	if (is_of_another(&u, a->account))
		return log_invalid("az://%s/%s: %s: %s is another account's",
				   a->account, a->container, e->by, endpoint);
	add = u.path_len == 0 && holds_no_account(&u);
	a->by = e->by;
	a->server = strndup(endpoint, u.server);
	if (asprintf(&a->root, "%.*s%s%s/%s", (int)u.path_len, u.path,
		     add ? "/" : "", add ? a->account : "", a->container) < 0)
		a->root = NULL;
	return a->server && a->root ? 0 : -ENOMEM;
}

int azure_address_locate(struct azure_address *a,
			 const struct remote_endpoint *endpoints, size_t n)
{
	AUTO_FREE char *standard = NULL;

	for (size_t i = 0; i < n; i++)
		if (endpoints[i].url && *endpoints[i].url)
			return locate(a, &endpoints[i]);
	if (asprintf(&standard, "https://%s.blob.core.windows.net",
		     a->account) < 0)
		return -ENOMEM;
	return locate(a, &(struct remote_endpoint){ standard, BY_NOBODY });
}

void azure_address_clear(struct azure_address *a)
{
	free(a->account);
	free(a->container);
	free(a->prefix);
	free(a->server);
	free(a->root);
	*a = (struct azure_address){ 0 };
}

char *azure_address_path(const struct azure_address *a, const char *name)
{
	size_t root = strlen(a->root), prefix = strlen(a->prefix);
	char *path = malloc(root + 1 + 3 * (prefix + strlen(name)) + 1), *to;

	if (!path)
		return NULL;
	to = mempcpy(path, a->root, root);
	*to++ = '/';
	to += uri_encode(a->prefix, true, to);
	uri_encode(name, true, to);
	return path;
}
