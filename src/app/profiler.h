/* workflow.profiling: a profiler that runs beside training and checkpoints.
 *
 *	iostat		iostat -mdxtcy -o JSON DEVICE... 1, into iostat.json in
 *			the folder of results, ended with SIGINT so that its
 *			JSON ends well.  It ends with this process in any case.
 *	darshan		records what it is loaded into by itself
 *	tensorboard	profiles TensorFlow, which is not here: a warning */
#ifndef APP_PROFILER_H
#define APP_PROFILER_H

#include "config/config.h"

struct profiler;

/* Before anything is written: is what has to be started there?  -EINVAL
 * (logged). */
int profiler_check(const struct config *c) MUST_USE;

/* NULL and 0 where nothing is to be started. */
int profiler_start(const struct config *c, const char *folder,
		   struct profiler **out) MUST_USE;

/* Waits for it; a profiler that does not end is killed.  NULL is fine. */
void profiler_stop(struct profiler *p);

#endif
