#include "train/compute.h"

#include "base/clock.h"

#include <math.h>

void compute_init(struct compute *c, const struct config_time *time,
		  uint64_t seed)
{
	c->time = *time;
	rng_seed(&c->rng, seed);
}

static double draw_seconds(struct compute *c)
{
	double a = c->time.a, b = c->time.b;

	switch (c->time.type) {
	case CONFIG_TIME_NONE:
		break;
	case CONFIG_TIME_CONSTANT:
		return a;
	case CONFIG_TIME_NORMAL:
		return rng_normal(&c->rng, a, b);
	case CONFIG_TIME_UNIFORM:
		return rng_uniform(&c->rng, a, b);
	case CONFIG_TIME_GAMMA:
		return rng_gamma(&c->rng, a, b);
	case CONFIG_TIME_EXPONENTIAL:
		return rng_exponential(&c->rng, a);
	case CONFIG_TIME_POISSON:
		return rng_poisson(&c->rng, a);
	}
	return 0;
}

uint64_t compute_draw(struct compute *c)
{
	double ns = fabs(draw_seconds(c)) * (double)NS_PER_SEC;

	if (isnan(ns))
		return 0;
	return ns < (double)COMPUTE_MAX_NS ? (uint64_t)ns : COMPUTE_MAX_NS;
}

uint64_t compute_run(struct compute *c, uint64_t from_ns,
		     const atomic_bool *stop)
{
	uint64_t until_ns = from_ns + compute_draw(c);
	uint64_t now_ns = clock_ns();

	while (now_ns < until_ns) {
		if (stop && atomic_load_explicit(stop, memory_order_relaxed))
			break;
		clock_sleep_until(MIN(until_ns, now_ns + COMPUTE_LATE_NS));
		now_ns = clock_ns();
	}
	return now_ns;
}
