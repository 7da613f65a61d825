/* Run a program for what it prints, as services of identity on this machine are
 * asked.  No shell; its input is empty, and what it complains about is not shown,
 * for there may be secrets in it.  Any thread. */
#ifndef BACKENDS_COMMAND_H
#define BACKENDS_COMMAND_H

#include "base/util.h"

#define COMMAND_OUTPUT 65536 /* bytes at most */

/* Words as a POSIX shell splits them: by spaces, unless quoted by '…' or "…" or
 * a backslash; within "…" a backslash counts only before '"' and itself.
 * Nothing is expanded.  Ends with NULL; one free() for all.  -EINVAL: a quote is
 * not closed, or there is no word; -ENOMEM. */
int command_split(const char *line, char ***words) MUST_USE;

struct command {
	char *const *words;	  /* the first is looked up in PATH */
	char *const *environment; /* ends with NULL; NULL: ours */
	uint64_t timeout_ms;
	const _Atomic bool *stop; /* give up: -ECANCELED; or NULL */
};

/* 0: it ran and is over; *status is its exit status (128 and the signal's number
 * if one ended it), *out what it printed, for strbuf_wipe().  Else nobody of its
 * process group is left: -ETIMEDOUT, -EMSGSIZE, -ECANCELED, or why it could not
 * be run. */
int command_run(const struct command *c, char **out, int *status) MUST_USE;

#endif
