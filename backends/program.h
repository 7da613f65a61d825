/* Programs that print keys and tokens: run without a shell, and what they print
 * on standard output is taken.  Standard input is empty, and what they complain
 * of is thrown away, for nobody knows what is in it.
 *
 * The program has a process group of its own, which is killed when the time is
 * up.  Any thread; nothing is logged. */
#ifndef BACKENDS_PROGRAM_H
#define BACKENDS_PROGRAM_H

#include "base/util.h"

#define PROGRAM_MAX_OUTPUT ((size_t)64 << 10)

struct program_call {
	const char *const *argv;  /* ends with NULL; a name without a slash is
				   * looked up in the absolute folders of PATH */
	char *const *environment; /* ends with NULL; NULL: ours */
	uint32_t timeout_ms;
	const _Atomic bool *stop; /* or NULL */
};

/* 0: it ran; *status is waitpid()'s, and *text, for strbuf_wipe(), what it
 * printed.  -ENOENT: there is no such program; -ETIMEDOUT; -ECANCELED;
 * -EFBIG: it prints more than that; -EILSEQ: it prints a NUL; or what starting
 * it said. */
int program_output(const struct program_call *c, int *status,
		   char **text) MUST_USE;

#endif
