#include "config/uri.h"

#include "base/log.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>

bool uri_has_scheme(const char *name)
{
	size_t n = 0;

	/* RFC 3986, 3.1 */
	if (!isalpha((unsigned char)name[0]))
		return false;
	while (isalnum((unsigned char)name[n]) || name[n] == '+' ||
	       name[n] == '-' || name[n] == '.')
		n++;
	return !strncmp(name + n, "://", 3);
}

/* "./data" is "data", "." is "". */
static const char *without_dot(const char *path)
{
	while (path[0] == '.' && path[1] == '/') {
		path++;
		while (*path == '/')
			path++;
	}
	return strcmp(path, ".") ? path : "";
}

static int format(char **out, const char *fmt, ...) PRINTF(2, 3);

static int format(char **out, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vasprintf(out, fmt, args);
	va_end(args);
	if (n < 0)
		return log_fail(-ENOMEM, "configuration");
	return 0;
}

/* root/folder without doubled, leading and trailing dots and slashes. */
static int join(const char *prefix, const char *root, const char *folder,
		char **out)
{
	size_t len;

	root = without_dot(root);
	folder = without_dot(folder);
	len = strlen(root);
	while (len > 1 && root[len - 1] == '/')
		len--;
	if (!len || !*folder)
		return format(out, "%s%.*s%s", prefix, (int)len, root, folder);
	return format(out, "%s%.*s%s%s", prefix, (int)len, root,
		      root[len - 1] == '/' ? "" : "/", folder);
}

/* O_DIRECT stores are named by absolute paths. */
static int direct(const char *root, const char *folder, char **out)
{
	AUTO_FREE char *path = NULL, *cwd = NULL;
	int rc;

	if (*folder == '/')
		return format(out, "direct://%s", folder);
	rc = join("", root, folder, &path);
	if (rc)
		return rc;
	if (*path == '/')
		return format(out, "direct://%s", path);
	cwd = getcwd(NULL, 0);
	if (!cwd)
		return log_fail(-errno, "current directory");
	return join("direct://", cwd, path, out);
}

int uri_of_data(const struct config *c, char **out)
{
	static const char *const buckets[] = { "s3", "aistore" };
	const char *type = c->storage.storage_type;
	const char *root = c->storage.storage_root;
	const char *folder = c->dataset.data_folder;

	if (uri_has_scheme(folder))
		return format(out, "%s", folder);
	if (uri_has_scheme(root))
		return join("", root, folder + strspn(folder, "/"), out);
	for (size_t i = 0; i < ARRAY_SIZE(buckets); i++)
		if (!strcmp(type, buckets[i]))
			return join("s3://", root, folder + strspn(folder, "/"),
				    out);
	if (!strcmp(type, "direct_fs"))
		return direct(root, folder, out);
	if (*folder == '/')
		return format(out, "%s", folder);
	return join("", root, folder, out);
}
