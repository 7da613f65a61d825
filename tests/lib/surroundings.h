/* What a source of credentials finds in a test: variables, and files. */
#ifndef TESTS_LIB_SURROUNDINGS_H
#define TESTS_LIB_SURROUNDINGS_H

#include "base/util.h"

#define SURROUNDINGS_MOST 8

/* Nothing but zeros: no variable. */
struct surroundings {
	char text[SURROUNDINGS_MOST][4096];	  /* PATH may be long */
	char *environment[SURROUNDINGS_MOST + 1]; /* ends with NULL */
};

/* Add "NAME=value".  Ends the test if there is no room. */
void surroundings_set(struct surroundings *s, const char *fmt, ...)
	PRINTF(2, 3);

/* A file of a folder, in the place of what was there. */
void surroundings_write(const char *folder, const char *name, const char *what,
			mode_t mode);

#endif
