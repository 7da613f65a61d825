#include "backends/fault.h"

#include "base/clock.h"
#include "base/rng.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

struct fault_store {
	struct backend base;
	struct backend *inner;
	struct fault_plan plan;
	_Atomic uint64_t count[FAULT_OPS]; /* unless the plan has them */

	pthread_mutex_t lock;  /* guards link_free_ns */
	uint64_t link_free_ns; /* when all bytes so far are through */
};

struct fault_object {
	struct object base;
	struct object *inner;
};

static struct fault_store *store_of(struct backend *b)
{
	return CONTAINER_OF(b, struct fault_store, base);
}

static struct object *inner_of(struct object *o)
{
	return CONTAINER_OF(o, struct fault_object, base)->inner;
}

/* ---- The plan ----------------------------------------------------------- */

static uint64_t draw(const struct fault_rule *rule, struct rng *g)
{
	switch (rule->shape) {
	case FAULT_FIXED:
		return rule->a_ns;
	case FAULT_UNIFORM:
		return (uint64_t)rng_uniform(g, (double)rule->a_ns,
					     (double)rule->b_ns);
	case FAULT_EXPONENTIAL:
		return (uint64_t)rng_exponential(g, (double)rule->a_ns);
	case FAULT_NONE:
		break;
	}
	return 0;
}

/* Whether the nth operation fails; the first is 1. */
static bool fails(const struct fault_rule *rule, uint64_t n)
{
	uint64_t every = MAX(rule->error_every, 1);

	if (rule->error == 0 || n % every != 0)
		return false;
	return rule->error_limit == 0 || n / every <= rule->error_limit;
}

/* The delay of one operation, and its error. */
static int suffer(struct backend *b, enum fault_op op)
{
	struct fault_store *s = store_of(b);
	const struct fault_rule *rule = &s->plan.rule[op];
	uint64_t start = clock_ns();
	uint64_t n = atomic_fetch_add(&s->plan.begun[op], 1) + 1;
	struct rng g;

	if (rule->shape != FAULT_NONE) {
		rng_seed(&g, rng_mix(rng_mix(s->plan.seed, op), n));
		clock_sleep_until(start + draw(rule, &g));
	}
	return fails(rule, n) ? rule->error : 0;
}

/* When len more bytes will be through, if one after the other goes over a link
 * of that bandwidth. */
static uint64_t through_at(struct fault_store *s, size_t len)
{
	double ns = (double)len * (double)NS_PER_SEC /
		    (double)s->plan.bytes_per_sec;
	LOCKED(&s->lock);

	s->link_free_ns = MAX(s->link_free_ns, clock_ns()) + (uint64_t)ns;
	return s->link_free_ns;
}

static void transfer(struct backend *b, size_t len)
{
	struct fault_store *s = store_of(b);

	if (s->plan.bytes_per_sec)
		clock_sleep_until(through_at(s, len));
}

static bool reads_are_planned(const struct fault_store *s)
{
	const struct fault_rule *rule = &s->plan.rule[FAULT_READ];

	return rule->shape != FAULT_NONE || rule->error != 0 ||
	       s->plan.bytes_per_sec != 0;
}

/* ---- The store ---------------------------------------------------------- */

/* Made by fault_wrap(), not by URI. */
static int fault_open(const char *location,
		      const struct backend_options *options,
		      struct backend **out)
{
	(void)location;
	(void)options;
	(void)out;
	return -ENOTSUP;
}

static void fault_close(struct backend *b)
{
	struct fault_store *s = store_of(b);

	backend_close(s->inner);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

static int fault_list(struct backend *b, const char *prefix,
		      enum backend_depth depth, backend_list_fn fn, void *arg)
{
	int rc = suffer(b, FAULT_LIST);

	if (rc)
		return rc;
	return backend_list(store_of(b)->inner, prefix, depth, fn, arg);
}

static int fault_stat(struct backend *b, const char *name,
		      struct object_info *out)
{
	int rc = suffer(b, FAULT_STAT);

	return rc ? rc : backend_stat(store_of(b)->inner, name, out);
}

static int fault_remove(struct backend *b, const char *name)
{
	int rc = suffer(b, FAULT_REMOVE);

	return rc ? rc : backend_remove(store_of(b)->inner, name);
}

static int fault_rename(struct backend *b, const char *from, const char *to)
{
	int rc = suffer(b, FAULT_RENAME);

	return rc ? rc : backend_rename(store_of(b)->inner, from, to);
}

static int64_t fault_sweep(struct backend *b, const char *prefix,
			   backend_sweep_fn wanted, void *arg)
{
	int rc = suffer(b, FAULT_LIST);

	return rc ? rc : backend_sweep(store_of(b)->inner, prefix, wanted, arg);
}

static uint64_t fault_room(struct backend *b)
{
	return backend_room(store_of(b)->inner);
}

/* ---- Objects ------------------------------------------------------------ */

static int fault_open_object(struct backend *b, const char *name,
			     const uint64_t *size, struct object **out)
{
	AUTO_FREE struct fault_object *f = calloc(1, sizeof(*f));
	int rc;

	if (!f)
		return -ENOMEM;
	rc = suffer(b, FAULT_OPEN);
	if (rc == 0)
		rc = object_open_sized(store_of(b)->inner, name, size,
				       &f->inner);
	if (rc)
		return rc;
	f->base.size = f->inner->size;
	*out = &TAKE(f)->base;
	return 0;
}

static ssize_t fault_read(struct object *o, struct object_read *rd)
{
	struct backend *b = o->backend;
	uint64_t first_byte_ns;
	ssize_t got;
	int rc;

	if (!reads_are_planned(store_of(b)))
		return object_read(inner_of(o), rd);
	if (rd->flags & OBJECT_READ_NOWAIT)
		return -EAGAIN;
	rc = suffer(b, FAULT_READ);
	if (rc)
		return rc;
	first_byte_ns = clock_ns();
	got = object_read(inner_of(o), rd);
	if (got > 0) {
		transfer(b, (size_t)got);
		if (!rd->first_byte_ns)
			rd->first_byte_ns = first_byte_ns;
	}
	return got;
}

static int fault_create_object(struct backend *b, const char *name,
			       struct object **out)
{
	AUTO_FREE struct fault_object *f = calloc(1, sizeof(*f));
	int rc;

	if (!f)
		return -ENOMEM;
	rc = suffer(b, FAULT_CREATE);
	if (rc == 0)
		rc = object_create(store_of(b)->inner, name, &f->inner);
	if (rc)
		return rc;
	*out = &TAKE(f)->base;
	return 0;
}

static int fault_append(struct object *o, const void *buf, size_t len)
{
	int rc = suffer(o->backend, FAULT_APPEND);

	if (rc)
		return rc;
	transfer(o->backend, len);
	return object_append(inner_of(o), buf, len);
}

static int fault_commit(struct object *o, unsigned flags)
{
	int rc = suffer(o->backend, FAULT_COMMIT);

	return rc ? rc : object_commit(inner_of(o), flags);
}

static void fault_close_object(struct object *o)
{
	object_close(inner_of(o));
	free(o);
}

static const struct backend_ops fault_ops = {
	.scheme = "fault",
	.open = fault_open,
	.close = fault_close,
	.list = fault_list,
	.stat = fault_stat,
	.remove = fault_remove,
	.rename = fault_rename,
	.sweep = fault_sweep,
	.room = fault_room,
	.open_object = fault_open_object,
	.read = fault_read,
	.create_object = fault_create_object,
	.append = fault_append,
	.commit = fault_commit,
	.close_object = fault_close_object,
};

/* ---- Making one --------------------------------------------------------- */

static int check(const struct fault_plan *plan)
{
	for (size_t i = 0; i < FAULT_OPS; i++) {
		const struct fault_rule *rule = &plan->rule[i];

		if (rule->error > 0)
			return -EINVAL;
		if (rule->shape == FAULT_UNIFORM && rule->b_ns < rule->a_ns)
			return -EINVAL;
	}
	return 0;
}

int fault_wrap(struct backend *inner, const struct fault_plan *plan,
	       struct backend **out)
{
	AUTO_FREE struct fault_store *s = calloc(1, sizeof(*s));
	int rc = check(plan);

	if (rc)
		return rc;
	if (!s)
		return -ENOMEM;
	s->base.uri = strdup(inner->uri);
	if (!s->base.uri)
		return -ENOMEM;
	rc = pthread_mutex_init(&s->lock, NULL);
	if (rc) {
		free(s->base.uri);
		return -rc;
	}
	s->base.ops = &fault_ops;
	s->base.alignment = inner->alignment;
	s->base.local = inner->local &&
			plan->rule[FAULT_OPEN].shape == FAULT_NONE;
	s->inner = inner;
	s->plan = *plan;
	if (!plan->begun)
		s->plan.begun = s->count;
	*out = &TAKE(s)->base;
	return 0;
}
