/* Messages for people, on standard error:
 *
 *	dliofs: error: open /x: No such file or directory
 *	dliofs: warning: reader.foo is not known
 *	dliofs: generated 64 files
 *
 * The place that knows what happened says it, once, and returns the error in
 * the same line; everyone above passes the code on:
 *
 *	fd = open(path, O_RDONLY | O_CLOEXEC);
 *	if (fd < 0)
 *		return log_fail(-errno, "open %s", path);
 *
 * Any thread may call; a message is one write(2) of whole lines, each of which
 * begins as above.  errno is left alone.  The data path does not log, it
 * counts.  A message names the thing and, if it is the user's to change, says
 * what to change.  No secret is ever passed in. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/util.h"

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARN,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG
};

/* Messages above this level are dropped.  Set once, before threads start.
 * The default is LOG_LEVEL_INFO. */
void log_set_level(enum log_level level);

/* Every line gets this after "dliofs: "; "" by default.  For processes that
 * serve others ("mount 1234: ").  Set once, before threads start. */
void log_set_prefix(const char *prefix);

void log_error(const char *fmt, ...) PRINTF(1, 2);
void log_warn(const char *fmt, ...) PRINTF(1, 2);
void log_info(const char *fmt, ...) PRINTF(1, 2);
void log_debug(const char *fmt, ...) PRINTF(1, 2);

/* Say an error and return rc.  A negative rc is an errno, and its text is
 * appended; rc must not be 0. */
int log_fail(int rc, const char *fmt, ...) PRINTF(2, 3);

/* Say what is wrong with the user's input, without an errno's text, and
 * return -EINVAL. */
int log_invalid(const char *fmt, ...) PRINTF(1, 2);

#endif
