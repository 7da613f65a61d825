/* DLIO's log: "[LEVEL] message" on the console (DLIO's is standard error) and,
 * the same line, in the file that output.log_file names.  People's scripts look
 * here for "[METRIC]".
 *
 * Python's levels with DLIO's OUTPUT between WARNING and ERROR, so that the
 * default level, warning, shows it.  At level debug, the place in the source
 * is appended to each line, as DLIO does.
 *
 * Any thread; a message is one write to each, so that lines of several ranks
 * that share a file do not mix.  A file that can no longer be written is
 * reported once on standard error, and the run goes on. */
#ifndef TRAIN_DLOG_H
#define TRAIN_DLOG_H

#include "base/util.h"

enum dlog_level {
	DLOG_DEBUG = 10,
	DLOG_INFO = 20,
	DLOG_WARNING = 30,
	DLOG_OUTPUT = 35,
	DLOG_ERROR = 40,
	DLOG_CRITICAL = 50,
};

struct dlog;

/* The value of DLIO_LOG_LEVEL: debug, info, warning or warn, error, critical,
 * in any case; NULL or "" is warning.  Else an error is logged that names
 * the choices, and -EINVAL. */
int dlog_parse_level(const char *text, enum dlog_level *out) MUST_USE;

/* Remove the log of an earlier run.  For rank 0, before any rank opens it:
 * a barrier in between. */
int dlog_remove(const char *path) MUST_USE;

/* Append to the file at path, whose folders are made; NULL: no file.  console
 * stays the caller's; NULL: no console. */
int dlog_new(const char *path, FILE *console, enum dlog_level level,
	     struct dlog **out) MUST_USE;
void dlog_free(struct dlog *d); /* NULL is fine */

/* Would a message of this level be shown?  NULL shows none. */
bool dlog_shows(const struct dlog *d, enum dlog_level level);

/* when_ns: a clock_ns() whose stamp goes before the message, or
 * DLOG_NO_STAMP.  A NULL log takes nothing.  Use the macros. */
#define DLOG_NO_STAMP 0
void dlog_write(struct dlog *d, enum dlog_level level, uint64_t when_ns,
		const char *file, int line, const char *fmt, ...) PRINTF(6, 7);

#define dlog_debug(d, when_ns, ...)                                            \
	dlog_write(d, DLOG_DEBUG, when_ns, __FILE__, __LINE__, __VA_ARGS__)
#define dlog_info(d, when_ns, ...)                                             \
	dlog_write(d, DLOG_INFO, when_ns, __FILE__, __LINE__, __VA_ARGS__)
#define dlog_warning(d, when_ns, ...)                                          \
	dlog_write(d, DLOG_WARNING, when_ns, __FILE__, __LINE__, __VA_ARGS__)
#define dlog_output(d, when_ns, ...)                                           \
	dlog_write(d, DLOG_OUTPUT, when_ns, __FILE__, __LINE__, __VA_ARGS__)
#define dlog_error(d, when_ns, ...)                                            \
	dlog_write(d, DLOG_ERROR, when_ns, __FILE__, __LINE__, __VA_ARGS__)

#endif
