/* What is written to standard error between start and stop: for tests of
 * messages.  One at a time. */
#ifndef TESTS_LIB_CAPTURE_H
#define TESTS_LIB_CAPTURE_H

struct capture {
	int file, real_stderr;
	char text[8192]; /* what does not fit is cut */
};

void capture_start(struct capture *c);
const char *capture_stop(struct capture *c); /* c->text */

#endif
