#include "backends/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

static ssize_t read_all(int fd, char *to, size_t size)
{
	size_t got = 0;

	while (got < size) {
		ssize_t n = read(fd, to + got, size - got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		got += (size_t)n;
	}
	return (ssize_t)got;
}

/* One byte more than may be there tells whether there is more. */
static int read_text(int fd, char *to, size_t max)
{
	ssize_t got = read_all(fd, to, max + 1);

	if (got < 0)
		return (int)got;
	if ((size_t)got > max)
		return -EFBIG;
	return memchr(to, '\0', (size_t)got) ? -EILSEQ : 0;
}

int secret_read(const char *path, size_t max, char **text)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	char *all;
	int rc;

	if (fd < 0)
		return -errno;
	all = calloc(1, max + 2);
	if (!all)
		return -ENOMEM;
	rc = read_text(fd, all, max);
	if (rc) {
		explicit_bzero(all, max + 2);
		free(all);
		return rc;
	}
	*text = all;
	return 0;
}
