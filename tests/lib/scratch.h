/* A folder for one test, in $TMPDIR or /tmp. */
#ifndef TESTS_LIB_SCRATCH_H
#define TESTS_LIB_SCRATCH_H

/* Ends the program if there is none to be had.  To be freed by
 * scratch_remove(). */
char *scratch_new(void);

/* With all that is in it. */
void scratch_remove(char *path);

#endif
