#include "app/mistaken.h"

#include "base/log.h"

#include <errno.h>
#include <string.h>

/* Where names begin: behind the bucket, or account and container. */
static const char *path_of(const char *uri)
{
	unsigned parts = strncmp(uri, "az://", 5) ? 1 : 2;
	const char *at = strstr(uri, "://");

	at = at ? at + 3 : uri;
	while (parts-- > 0) {
		at = strchrnul(at, '/');
		at += *at == '/';
	}
	return at;
}

/* "s3://bucket/a" and "b" of "s3://bucket/a/b/".  False: nothing follows the
 * bucket. */
static bool split(const char *uri, char **folder, char **name)
{
	const char *path = path_of(uri), *slash;
	size_t len = strlen(path);

	while (len > 0 && path[len - 1] == '/')
		len--;
	if (len == 0)
		return false;
	slash = memrchr(uri, '/', (size_t)(path - uri) + len);
	*folder = strndup(uri, (size_t)(slash - uri));
	*name = strndup(slash + 1, (size_t)(path + len - slash - 1));
	return *folder && *name;
}

/* An empty object may stand for a folder, as consoles make them. */
static bool is_object(struct backend *b, const char *name)
{
	struct object_info info;

	return backend_stat(b, name, &info) == 0 && info.size > 0;
}

int mistaken_check(const char *uri, struct stores_options *options)
{
	AUTO_FREE char *folder = NULL, *name = NULL;
	struct backend *b;
	bool mistaken;

	/* Who may not look there cannot tell. */
	if (!split(uri, &folder, &name) || stores_open(folder, options, &b))
		return 0;
	mistaken = is_object(b, name);
	backend_close(b);
	if (!mistaken)
		return 0;
	return log_fail(-ENOTDIR,
			"%s is an object; mount the folder it is in, %s", uri,
			folder);
}
