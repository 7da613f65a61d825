#include "app/rankcrew.h"

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
	struct rankcrew *r = arg;

	if (r->ranks)
		ranks_poll(r->ranks);
	progress_show(&r->bar, p);
}

void rankcrew_start(struct rankcrew *r, struct ranks *ranks, struct crew *crew,
		    const char *doing, bool quiet)
{
	*r = (struct rankcrew){ .ranks = ranks };
	crew->progress = show;
	crew->progress_arg = r;
	crew->stop = stop_flag();
	if (ranks) {
		r->base = (struct crew_team){ .rank = ranks->rank,
					      .ranks = ranks->size,
					      .arg = ranks,
					      .agree = agree,
					      .tell = tell,
					      .gather = gather };
		crew->team = &r->base;
	}
	progress_start(&r->bar, doing, quiet || (ranks && ranks->rank));
}

void rankcrew_end(struct rankcrew *r)
{
	progress_end(&r->bar);
}
