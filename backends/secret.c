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
int secret_read_bytes(const char *path, size_t max, char **bytes, size_t *len)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	ssize_t got;
	char *all;

	if (fd < 0)
		return -errno;
	all = calloc(1, max + 2);
	if (!all)
		return -ENOMEM;
	got = read_all(fd, all, max + 1);
	if (got < 0 || (size_t)got > max) {
		explicit_bzero(all, max + 2);
		free(all);
		return got < 0 ? (int)got : -EFBIG;
	}
	*bytes = all;
	*len = (size_t)got;
	return 0;
}

int secret_read(const char *path, size_t max, char **text)
{
	char *all = NULL;
	size_t len = 0;
	int rc = secret_read_bytes(path, max, &all, &len);

	if (!all)
		return rc;
	if (memchr(all, '\0', len)) {
		explicit_bzero(all, len);
		free(all);
		return -EILSEQ;
	}
	*text = all;
	return 0;
}

int secret_copy(const char **const *strings, size_t n)
{
	int rc = 0;

	for (size_t i = 0; i < n; i++) {
		if (!*strings[i])
			continue;
		*strings[i] = strdup(*strings[i]);
		if (!*strings[i])
			rc = -ENOMEM;
	}
	return rc;
}
