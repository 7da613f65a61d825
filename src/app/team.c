#include "app/team.h"

#include "app/stop.h"

static int agree(void *arg, int rc)
{
	return ranks_agree(arg, rc);
}

static int tell(void *arg, void *data, size_t len)
{
	return ranks_tell(arg, data, len);
}

static int gather(void *arg, const void *data, size_t len, ranks_take_fn take,
		  void *take_arg)
{
	return ranks_gather(arg, data, len, take, take_arg);
}

static void show(void *arg, const struct crew_progress *p)
{
	struct team *t = arg;

	if (t->ranks)
		ranks_poll(t->ranks);
	progress_show(&t->bar, p);
}

void team_start(struct team *t, struct ranks *ranks, struct crew *crew,
		const char *doing, bool quiet)
{
	*t = (struct team){ .ranks = ranks };
	crew->progress = show;
	crew->progress_arg = t;
	crew->stop = stop_flag();
	if (ranks) {
		t->base = (struct crew_team){ .rank = ranks->rank,
					      .ranks = ranks->size,
					      .arg = ranks,
					      .agree = agree,
					      .tell = tell,
					      .gather = gather };
		crew->team = &t->base;
	}
	progress_start(&t->bar, doing, quiet || (ranks && ranks->rank));
}

void team_end(struct team *t)
{
	progress_end(&t->bar);
}
