#include "app/standard.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>

int standard_open(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd < 0)
		return log_fail(-errno, "open /dev/null");
	close(fd);
	signal(SIGXFSZ, SIG_IGN);
	return 0;
}

int standard_flush(void)
{
	if (fflush(stdout) != 0)
		return log_fail(-errno, "write to standard output");
	if (ferror(stdout))
		return log_fail(-EIO, "write to standard output");
	return 0;
}
