#include "train/savefile.h"

#include "base/log.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

int savefile_make_folder(const char *path)
{
	AUTO_FREE char *part = strdup(path);

	if (!part)
		return -ENOMEM;
	/* "" is the current folder.  The first byte may be the root's slash. */
	for (char *p = part; *p; p++) {
		char *slash = strchr(p + 1, '/');

		if (slash)
			*slash = 0;
		if (mkdir(part, 0755) < 0 && errno != EEXIST)
			return log_fail(-errno, "make the folder %s", part);
		if (!slash)
			break;
		*slash = '/';
		p = slash;
	}
	return 0;
}

int savefile_make_folder_of(const char *file)
{
	AUTO_FREE char *folder = strdup(file);
	char *slash;

	if (!folder)
		return -ENOMEM;
	slash = strrchr(folder, '/');
	if (!slash || slash == folder)
		return 0;
	*slash = 0;
	return savefile_make_folder(folder);
}

void savefile_forget(const char *folder, const char *name)
{
	AUTO_FREE char *path = NULL;

	if (asprintf(&path, "%s/%s", folder, name) < 0)
		path = NULL;
	else
		unlink(path);
}

/* Write and close; 0 only if every byte went out. */
static int fill_file(const char *path, int (*fill)(void *arg, FILE *stream),
		     void *arg)
{
	FILE *f = fopen(path, "we");
	int rc;

	if (!f)
		return -errno;
	rc = fill(arg, f);
	if (rc == 0 && fflush(f) != 0)
		rc = -errno;
	if (rc == 0 && ferror(f))
		rc = -EIO;
	if (fclose(f) != 0 && rc == 0)
		rc = -errno;
	return rc;
}

int savefile_replace(const char *path, int (*fill)(void *arg, FILE *stream),
		     void *arg)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	AUTO_FREE char *temp = NULL;
	int rc;

	/* Ranks of several hosts may share the folder, but no file's name. */
	if (asprintf(&temp, "%.*s.%s.new", (int)(name - path), path, name) <
	    0) {
		temp = NULL;
		return -ENOMEM;
	}
	rc = fill_file(temp, fill, arg);
	if (rc == 0 && rename(temp, path) < 0)
		rc = -errno;
	if (rc == 0)
		return 0;
	unlink(temp);
	return log_fail(rc, "write %s", path);
}

int savefile_write(const char *folder, const char *name,
		   int (*fill)(void *arg, FILE *stream), void *arg)
{
	AUTO_FREE char *path = NULL;
	int rc = savefile_make_folder(folder);

	if (rc < 0)
		return rc;
	if (asprintf(&path, "%s/%s", folder, name) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	return savefile_replace(path, fill, arg);
}
