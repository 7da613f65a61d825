#include "lib/hung_store.h"

#include "base/clock.h"

#include <errno.h>
#include <string.h>

struct hung {
	struct backend base;
	struct hung_flags *flags;
};

static struct hung_flags *flags_of(struct backend *b)
{
	return CONTAINER_OF(b, struct hung, base)->flags;
}

static int wait_in_vain(struct backend *b)
{
	flags_of(b)->asked++;
	while (!flags_of(b)->stop)
		clock_sleep_until(clock_ns() + NS_PER_SEC / 100);
	flags_of(b)->stopped++;
	return -ECANCELED;
}

static void hung_close(struct backend *b)
{
	free(b);
}

static int hung_list(struct backend *b, const char *prefix,
		     enum backend_depth depth, backend_list_fn fn, void *arg)
{
	const struct object_info info = { .size = 100 };

	(void)b;
	(void)depth;
	return *prefix ? 0 : fn(arg, "f", &info);
}

static int hung_stat(struct backend *b, const char *name,
		     struct object_info *out)
{
	(void)b;
	*out = (struct object_info){ .size = 100 };
	return strcmp(name, "f") ? -ENOENT : 0;
}

static int hung_remove(struct backend *b, const char *name)
{
	(void)name;
	return wait_in_vain(b);
}

static int hung_rename(struct backend *b, const char *from, const char *to)
{
	(void)from;
	(void)to;
	return wait_in_vain(b);
}

static int hung_open_object(struct backend *b, const char *name,
			    const uint64_t *size, struct object **out)
{
	(void)b;
	(void)name;
	(void)size;
	*out = calloc(1, sizeof(**out));
	if (!*out)
		return -ENOMEM;
	(*out)->size = 100;
	return 0;
}

static ssize_t hung_read(struct object *o, struct object_read *rd)
{
	return rd->flags & OBJECT_READ_NOWAIT ? -EAGAIN :
						wait_in_vain(o->backend);
}

static int hung_create_object(struct backend *b, const char *name,
			      struct object **out)
{
	(void)b;
	(void)name;
	*out = calloc(1, sizeof(**out));
	return *out ? 0 : -ENOMEM;
}

static int hung_append(struct object *o, const void *buf, size_t len)
{
	(void)o;
	(void)buf;
	(void)len;
	return 0;
}

static int hung_commit(struct object *o, unsigned flags)
{
	(void)flags;
	return wait_in_vain(o->backend);
}

static void hung_close_object(struct object *o)
{
	struct hung_flags *f = flags_of(o->backend);

	if (o->mode != OBJECT_READING)
		f->stop ? f->left++ : f->undone++;
	free(o);
}

static const struct backend_ops hung_ops = {
	.scheme = "hung",
	.close = hung_close,
	.list = hung_list,
	.stat = hung_stat,
	.remove = hung_remove,
	.rename = hung_rename,
	.open_object = hung_open_object,
	.read = hung_read,
	.create_object = hung_create_object,
	.append = hung_append,
	.commit = hung_commit,
	.close_object = hung_close_object,
};

struct backend *hung_store(struct hung_flags *flags)
{
	struct hung *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	h->base.ops = &hung_ops;
	h->base.uri = strdup("hung://"); /* backend_close() frees it */
	h->base.alignment = 1;
	h->flags = flags;
	return &h->base;
}
