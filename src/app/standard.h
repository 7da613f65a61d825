/* What a program may expect of standard input, output and error, and does not
 * always get. */
#ifndef APP_STANDARD_H
#define APP_STANDARD_H

#include "base/util.h"

/* Before anything is opened: where one of the three is closed, /dev/null takes
 * its place, lest a file of ours does.  And a file's limit is an error of
 * write(2), like a full disk. */
int standard_open(void) MUST_USE;

/* At the end: whether all of standard output was written; said if it was
 * not. */
int standard_flush(void) MUST_USE;

#endif
