/* For what says why it refuses its input, which most inputs are: while one
 * runs, only the sanitizer may speak. */
#ifndef TESTS_FUZZ_QUIET_H
#define TESTS_FUZZ_QUIET_H

#include "base/util.h"

#include <fcntl.h>
#include <sanitizer/common_interface_defs.h>

enum { QUIET_NOWHERE = 200, QUIET_REAL_STDERR };

static inline void quiet_prepare(void)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (dup2(null, QUIET_NOWHERE) < 0 ||
	    dup2(STDERR_FILENO, QUIET_REAL_STDERR) < 0)
		abort();
	close(null);
	__sanitizer_set_report_fd((void *)(intptr_t)QUIET_REAL_STDERR);
}

static inline void quiet_start(void)
{
	dup2(QUIET_NOWHERE, STDERR_FILENO);
}

static inline void quiet_end(void)
{
	dup2(QUIET_REAL_STDERR, STDERR_FILENO);
}

#endif
