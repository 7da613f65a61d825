/* Names with values as processes have them, "NAME=value", and as files called
 * .env hold them:
 *
 *	# a comment
 *	export AWS_REGION=us-east-1	# export means nothing
 *	PLAIN = ends before a space and a number sign
 *	SINGLE='taken as it is'
 *	DOUBLE="with \" \\ \$ \n \r \t"
 *
 * Nothing is expanded.  No state; any thread.  Values are secrets: they are
 * never logged, and cleared when freed. */
#ifndef BACKENDS_DOTENV_H
#define BACKENDS_DOTENV_H

#include "base/util.h"

#define DOTENV_MAX_FILE ((size_t)1 << 20)

/* The value of a name, or NULL if it is not there or empty.  environment ends
 * with NULL; is it NULL itself, the process's is meant. */
const char *dotenv_get(char *const *environment, const char *name);

/* What a file holds, in the same form; if it names something twice, the later
 * counts, and if it is not there, it holds nothing.  Lines that say nothing are
 * warned of, once, and left out.  Errors are said. */
int dotenv_read(const char *path, char ***out) MUST_USE;

/* What a text holds.  *bad_line: the first that says nothing, from 1; or 0.
 * -ENOMEM. */
int dotenv_parse(const char *text, size_t len, char ***out,
		 size_t *bad_line) MUST_USE;

void dotenv_free(char **environment); /* what the two made; NULL is fine */

#endif
