#include "app/stop.h"

#include "base/clock.h"

#include <signal.h>
#include <stddef.h>

static struct {
	atomic_bool asked;
	_Atomic uint64_t first_ns; /* when a signal came; 0: none did */
} stop;

bool stop_is_final(uint64_t first_ns, uint64_t now_ns)
{
	return now_ns - first_ns >= NS_PER_SEC;
}

static void on_signal(int number)
{
	uint64_t now_ns = clock_ns(), first_ns = 0;

	stop.asked = true;
	if (atomic_compare_exchange_strong(&stop.first_ns, &first_ns, now_ns) ||
	    !stop_is_final(first_ns, now_ns))
		return;
	signal(number, SIG_DFL);
	raise(number);
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
	stop.asked = true;
}

const atomic_bool *stop_flag(void)
{
	return &stop.asked;
}
