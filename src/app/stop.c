#include "app/stop.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

static atomic_bool stop_asked;

static void on_signal(int number)
{
	stop_asked = true;
	signal(number, SIG_DFL);
}

void stop_catch(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	struct sigaction hangup;

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	if (!sigaction(SIGHUP, NULL, &hangup) && hangup.sa_handler != SIG_IGN)
		sigaction(SIGHUP, &action, NULL); /* not under nohup */
}

void stop_ask(void)
{
	stop_asked = true;
}

const atomic_bool *stop_flag(void)
{
	return &stop_asked;
}
