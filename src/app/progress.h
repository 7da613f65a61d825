/* A progress bar on a terminal; nothing in a pipe. */
#ifndef APP_PROGRESS_H
#define APP_PROGRESS_H

#include "data/crew.h"

struct progress {
	const char *doing; /* "generate" */
	bool enabled;
	bool drawn;
};

/* quiet, or standard error not a terminal: draws nothing. */
void progress_start(struct progress *p, const char *doing, bool quiet);

/* For struct crew; arg is the struct progress. */
void progress_show(void *arg, const struct crew_progress *p);

/* End the line. */
void progress_end(struct progress *p);

#endif
