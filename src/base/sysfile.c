#include "base/sysfile.h"

#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

int sysfile_number(const char *path, uint64_t *out)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	char line[32];
	const char *at = line;
	uint64_t number;
	ssize_t got;
	int rc;

	if (fd < 0)
		return -errno;
	got = read(fd, line, sizeof(line) - 1);
	if (got < 0)
		return -errno;
	if (got == sizeof(line) - 1)
		return -ERANGE;
	line[got] = '\0';
	rc = text_take_uint(&at, &number);
	if (rc)
		return rc;
	if (strcmp(at, "\n") != 0 && *at)
		return -EINVAL;
	*out = number;
	return 0;
}
