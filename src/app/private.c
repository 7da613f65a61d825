#include "app/private.h"

#include "base/log.h"
#include "base/text.h"
#include "fuse/mountpoint.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>

#define NAME "/dliofs-"

/* Whose path this is, if it is a private folder in tmp; else 0. */
static pid_t owner(const char *tmp, const char *path)
{
	size_t len = strlen(tmp);
	uint64_t pid;

	if (strncmp(path, tmp, len) != 0 ||
	    strncmp(path + len, NAME, strlen(NAME)) != 0)
		return 0;
	path += len + strlen(NAME);
	if (text_take_uint(&path, &pid) < 0 || *path != '-' || pid > INT_MAX)
		return 0;
	return (pid_t)pid;
}

/* Only where the owner is gone is the mount looked at: another's server may be
 * busy, and we would wait for it. */
static void clear(void *arg, const char *path)
{
	pid_t pid = owner(arg, path);

	if (pid && kill(pid, 0) < 0 && errno == ESRCH &&
	    mountpoint_is_dead(path))
		private_remove(path);
}

int private_make(char **out)
{
	const char *asked = getenv("TMPDIR");
	AUTO_FREE char *tmp = realpath(asked ? asked : "/tmp", NULL);
	char path[PATH_MAX];

	if (!tmp)
		return log_fail(-errno, "TMPDIR %s", asked ? asked : "/tmp");
	mountpoint_each(clear, tmp);
	if (snprintf(path, sizeof(path), "%s" NAME "%d-XXXXXX", tmp,
		     (int)getpid()) >= (int)sizeof(path))
		return log_fail(-ENAMETOOLONG, "TMPDIR %s", tmp);
	if (!mkdtemp(path))
		return log_fail(-errno,
				"make a mount point like %s (TMPDIR says "
				"where)",
				path);
	*out = strdup(path);
	return *out ? 0 : -ENOMEM;
}

void private_remove(const char *path)
{
	if (!mountpoint_clear(path))
		rmdir(path);
}
