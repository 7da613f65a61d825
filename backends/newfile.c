#include "backends/newfile.h"

#include "backends/folder.h"
#include "backends/strbuf.h"
#include "backends/uri.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>

#define TEMP_PREFIX ".dliofs-"
#define TEMP_SUFFIX ".tmp"
#define TEMP_RANDOM 16 /* digits between them; then "-" and the target */

bool newfile_is_temp(const char *part)
{
	size_t len = strlen(part), suffix = strlen(TEMP_SUFFIX);

	return !strncmp(part, TEMP_PREFIX, strlen(TEMP_PREFIX)) &&
	       len >= suffix && !strcmp(part + len - suffix, TEMP_SUFFIX);
}

/* The name may lead into folders that are not there yet. */
static void add_target(struct strbuf *b, const char *name, size_t room)
{
	AUTO_STRBUF struct strbuf text = { .text = NULL };

	for (; *name; name++) {
		if (*name == '/' || *name == '%')
			strbuf_printf(&text, "%%%02X", (unsigned)*name);
		else
			strbuf_putc(&text, *name);
	}
	if (text.len < room && !text.error)
		strbuf_printf(b, "-%s", text.text);
}

/* name lies below the folder. */
static int temp_name(const char *folder, const char *name, char **out)
{
	AUTO_STRBUF struct strbuf b = { .text = NULL };
	const size_t fixed = strlen(TEMP_PREFIX TEMP_SUFFIX) + TEMP_RANDOM;
	uint64_t random;

	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		return -EIO;
	strbuf_printf(&b, "%s/" TEMP_PREFIX "%016lx", folder_or_root(folder),
		      (unsigned long)random);
	add_target(&b, name + strlen(folder) + (*folder != '\0'),
		   NAME_MAX - fixed);
	strbuf_puts(&b, TEMP_SUFFIX);
	return strbuf_take(&b, out);
}

int newfile_target(const char *path, char **out)
{
	const char *slash = strrchr(path, '/');
	const char *part = slash ? slash + 1 : path;
	const char *rest = part + strlen(TEMP_PREFIX) + TEMP_RANDOM;
	size_t len = strlen(part);

	*out = NULL;
	if (!newfile_is_temp(part) || part + len <= rest || *rest++ != '-')
		return 0;
	if (asprintf(out, "%.*s%.*s", (int)(part - path), path,
		     (int)(part + len - rest - strlen(TEMP_SUFFIX)),
		     rest) < 0) {
		*out = NULL;
		return -ENOMEM;
	}
	uri_decode(*out + (part - path));
	return 0;
}

static int open_hidden(struct newfile *d, const char *folder, const char *name,
		       int flags)
{
	int rc;

	rc = temp_name(folder, name, &d->temp);
	if (rc)
		return rc;
	d->fd = openat(d->root, d->temp,
		       O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | flags, 0666);
	if (d->fd >= 0)
		return 0;
	rc = -errno;
	free(TAKE(d->temp));
	return rc;
}

static int open_in(struct newfile *d, const char *folder, const char *name,
		   int flags)
{
	d->fd = openat(d->root, folder_or_root(folder),
		       O_WRONLY | O_TMPFILE | O_CLOEXEC | flags, 0666);
	if (d->fd >= 0)
		return 0;
	/* EISDIR: from file systems that have not heard of O_TMPFILE. */
	if (errno == EOPNOTSUPP || errno == EISDIR)
		return open_hidden(d, folder, name, flags);
	return -errno;
}

int newfile_open(struct newfile *d, int root, const char *name, int flags)
{
	AUTO_FREE char *folder = strdup(name);
	int rc;

	*d = (struct newfile){ .root = root, .fd = -1 };
	if (!folder)
		return -ENOMEM;
	/* The innermost folder there is, so that it is on the right file
	 * system; those below are made at commit.  EPERM: on ext4, of a folder
	 * that is being pruned. */
	do {
		folder_go_up(folder);
		rc = open_in(d, folder, name, flags);
	} while ((rc == -ENOENT || rc == -EPERM) && *folder);
	if (rc)
		return rc;

	d->name = strdup(name);
	if (!d->name) {
		newfile_close(d);
		return -ENOMEM;
	}
	return 0;
}

/* NFS reports a full disk only when a file is closed.  It is one of those
 * without O_TMPFILE; the others are spared the two system calls. */
static int flush(const struct newfile *d)
{
	int copy;

	if (!d->temp)
		return 0;
	copy = fcntl(d->fd, F_DUPFD_CLOEXEC, 0);
	return copy < 0 || close(copy) < 0 ? -errno : 0;
}

/* A link cannot replace, a rename can: take a hidden name first.  The lock says
 * to a sweep that this one's writer lives; where none is to be had, it cannot
 * know. */
static int hide(struct newfile *d)
{
	AUTO_FREE char *folder = strdup(d->name);
	int rc;

	if (!folder)
		return -ENOMEM;
	folder_go_up(folder);
	rc = temp_name(folder, d->name, &d->temp);
	if (rc == 0) {
		(void)flock(d->fd, LOCK_EX | LOCK_NB);
		rc = folder_place(d->root, d->fd, NULL, d->temp);
	}
	if (rc)
		free(TAKE(d->temp));
	return rc;
}

static int publish(struct newfile *d)
{
	int rc;

	if (!d->temp) {
		rc = folder_place(d->root, d->fd, NULL, d->name);
		if (rc != -EEXIST)
			return rc;
		rc = hide(d);
		if (rc)
			return rc;
	}
	rc = folder_place(d->root, -1, d->temp, d->name);
	if (rc == 0)
		free(TAKE(d->temp));
	return rc;
}

int newfile_commit(struct newfile *d, bool durable)
{
	int rc;

	rc = flush(d);
	if (rc == 0 && durable && fdatasync(d->fd) < 0)
		rc = -errno;
	if (rc == 0)
		rc = publish(d);
	if (rc == 0 && durable)
		rc = folder_sync_parents(d->root, d->name);
	return rc;
}

void newfile_close(struct newfile *d)
{
	if (d->temp)
		unlinkat(d->root, d->temp, 0);
	if (d->fd >= 0)
		close(d->fd);
	free(d->temp);
	free(d->name);
	*d = (struct newfile){ .fd = -1 };
}
