/* What is written to standard error, or to standard output, between start and
 * stop: for tests of messages.  One of each at a time; the one started last is
 * stopped first. */
#ifndef TESTS_LIB_CAPTURE_H
#define TESTS_LIB_CAPTURE_H

struct capture {
	int file, fd, real;
	char text[8192]; /* what does not fit is cut */
};

void capture_start(struct capture *c); /* standard error */
void capture_start_stdout(struct capture *c);
const char *capture_stop(struct capture *c); /* c->text */

#endif
