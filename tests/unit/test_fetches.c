#include "backends/backend.h"
#include "base/clock.h"
#include "lib/cached.h"

#include <criterion/criterion.h>
#include <stdatomic.h>
#include <string.h>

/* A store of zeros, that counts what it is told about reads. */
struct zeros {
	struct backend base;
	_Atomic uint64_t waited_for, ahead; /* bytes */
};

static int zeros_open(const char *location,
		      const struct backend_options *options,
		      struct backend **out)
{
	struct zeros *z = calloc(1, sizeof(*z));

	(void)location;
	(void)options;
	*out = &z->base;
	return 0;
}

static void zeros_close(struct backend *b)
{
	free(b);
}

static int zeros_open_object(struct backend *b, const char *name,
			     const uint64_t *size, struct object **out)
{
	(void)b;
	(void)name;
	*out = calloc(1, sizeof(**out));
	(*out)->size = *size;
	return 0;
}

static ssize_t zeros_read(struct object *o, struct object_read *rd)
{
	struct zeros *z = (struct zeros *)o->backend;

	memset(rd->buf, 0, rd->len);
	if (rd->flags & OBJECT_READ_AHEAD)
		z->ahead += rd->len;
	else
		z->waited_for += rd->len;
	return (ssize_t)rd->len;
}

static void zeros_close_object(struct object *o)
{
	free(o);
}

static const struct backend_ops zeros_ops = {
	.scheme = "zeros",
	.open = zeros_open,
	.close = zeros_close,
	.open_object = zeros_open_object,
	.read = zeros_read,
	.close_object = zeros_close_object,
};

Test(fetches, tell_the_store_what_nobody_waits_for)
{
	struct cached c = { 0 };
	struct cache_options o = { .concurrency = 4, .memory = 64 * MIB };
	struct cache_reader *r;
	struct zeros *z;
	char byte = 1;

	cr_assert_eq(backend_open(&zeros_ops, "zeros://", NULL, &c.store), 0);
	cr_assert_eq(pool_new(4, &c.pool), 0);
	o.pool = c.pool;
	cr_assert_eq(cache_new(&o, &c.cache), 0);
	z = (struct zeros *)c.store;

	r = cached_reader(&c, "small", 100, 0);
	cached_drain(&c);
	cr_expect_eq(z->ahead, 100u, "fetched when it was opened");
	cr_expect_eq(z->waited_for, 0u);
	cache_close(r);

	r = cached_reader(&c, "large", 32 * MIB, 0);
	cr_expect_eq(cached_read(r, &byte, 1, 0), 1);
	cr_expect_eq(byte, 0);
	cr_expect_gt(z->waited_for, 0u);
	cached_drain(&c);
	cr_expect_gt(z->ahead, 100u, "and a window");
	cache_close(r);
	cr_expect(cached_close(&c));
}
