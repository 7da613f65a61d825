#include "app/announcer.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

void announcer_open(struct announcer *a, const char *folder, const char *below)
{
	char path[4096];

	*a = (struct announcer){ .fd = -1 };
	snprintf(path, sizeof(path), "%s/%s", folder, below);
	if (access(path, X_OK) == 0)
		snprintf(a->below, sizeof(a->below), "%s/", below);
	if (snprintf(path, sizeof(path), "%s/.dliofs/prefetch", folder) <
	    (int)sizeof(path))
		a->fd = open(path, O_WRONLY | O_CLOEXEC);
}

void announcer_close(struct announcer *a)
{
	util_close(&a->fd);
	a->fd = -1;
}

static void write_all(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t put = write(fd, text, len);

		if (put < 0 && errno != EINTR)
			return;
		if (put > 0) {
			text += put;
			len -= (size_t)put;
		}
	}
}

/* Whole lines in one write, so that those of several threads do not mix.  It
 * helps, and nothing depends on it. */
void announcer_say(const struct announcer *a, const char *const *names,
		   size_t n)
{
	AUTO_FREE char *text = NULL;
	size_t len = 0;
	FILE *out;

	if (a->fd < 0)
		return;
	out = open_memstream(&text, &len);
	if (!out)
		return;
	for (size_t i = 0; i < n; i++)
		fprintf(out, "%s%s\n", a->below, names[i]);
	if (fclose(out) == 0)
		write_all(a->fd, text, len);
}
