#include "lib/calm_fork.h"

#include "base/util.h"

#include <glob.h>
#include <pthread.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

/* A thread that has ended meanwhile is no concern. */
static bool is_awake(const char *stat)
{
	AUTO_FCLOSE FILE *in = fopen(stat, "r");
	char state;
	pid_t tid;

	return in && fscanf(in, "%d (%*[^)]) %c", &tid, &state) == 2 &&
	       tid != gettid() && state != 'S';
}

static bool others_sleep(void)
{
	bool sleep = true;
	glob_t threads;

	if (glob("/proc/self/task/*/stat", GLOB_NOSORT, NULL, &threads))
		return true;
	for (size_t i = 0; i < threads.gl_pathc; i++)
		sleep = sleep && !is_awake(threads.gl_pathv[i]);
	globfree(&threads);
	return sleep;
}

/* Not for ever: a test may want to fork beside a busy thread. */
static void calm_down(void)
{
	const struct timespec ms = { .tv_nsec = 1000000 };

	for (int i = 0; i < 1000 && !others_sleep(); i++)
		nanosleep(&ms, NULL);
}

__attribute__((constructor)) void calm_fork(void)
{
	pthread_atfork(calm_down, NULL, NULL);
}
