#include "backends/record.h"

#include "base/clock.h"
#include "base/recorder.h"

#include <errno.h>
#include <string.h>

struct record_store {
	struct backend base;
	struct backend *inner;
	struct recorder *recorder;
};

struct record_object {
	struct object base;
	struct object *inner;
};

static struct record_store *store_of(struct backend *b)
{
	return CONTAINER_OF(b, struct record_store, base);
}

static struct object *inner_of(struct object *o)
{
	return CONTAINER_OF(o, struct record_object, base)->inner;
}

/* What began at start has ended now. */
static void ended(struct backend *b, enum rec_op op, uint64_t start,
		  int64_t result)
{
	recorder_add(store_of(b)->recorder, REC_STORE, op, clock_ns() - start,
		     result);
}

/* ---- The store ---------------------------------------------------------- */

/* Made by record_wrap(), not by URI. */
static int record_open(const char *location,
		       const struct backend_options *options,
		       struct backend **out)
{
	(void)location;
	(void)options;
	(void)out;
	return -ENOTSUP;
}

static void record_close(struct backend *b)
{
	backend_close(store_of(b)->inner);
	free(b);
}

/* A callback's way to end a listing is not the store's error. */
struct listing {
	backend_list_fn fn;
	void *arg;
	int ended;
};

static int tell(void *arg, const char *name, const struct object_info *info)
{
	struct listing *l = arg;

	l->ended = l->fn(l->arg, name, info);
	return l->ended;
}

static int record_list(struct backend *b, const char *prefix,
		       enum backend_depth depth, backend_list_fn fn, void *arg)
{
	struct listing l = { .fn = fn, .arg = arg };
	uint64_t start = clock_ns();
	int rc = backend_list(store_of(b)->inner, prefix, depth, tell, &l);

	ended(b, REC_LIST, start, l.ended ? 0 : rc);
	return rc;
}

static int record_stat(struct backend *b, const char *name,
		       struct object_info *out)
{
	uint64_t start = clock_ns();
	int rc = backend_stat(store_of(b)->inner, name, out);

	ended(b, REC_STAT, start, rc);
	return rc;
}

static int record_remove(struct backend *b, const char *name)
{
	uint64_t start = clock_ns();
	int rc = backend_remove(store_of(b)->inner, name);

	ended(b, REC_REMOVE, start, rc);
	return rc;
}

static int record_rename(struct backend *b, const char *from, const char *to)
{
	uint64_t start = clock_ns();
	int rc = backend_rename(store_of(b)->inner, from, to);

	ended(b, REC_RENAME, start, rc);
	return rc;
}

static int64_t record_sweep(struct backend *b, const char *prefix,
			    backend_sweep_fn wanted, void *arg)
{
	uint64_t start = clock_ns();
	int64_t n = backend_sweep(store_of(b)->inner, prefix, wanted, arg);

	ended(b, REC_LIST, start, MIN(n, 0));
	return n;
}

static uint64_t record_room(struct backend *b)
{
	return backend_room(store_of(b)->inner);
}

/* ---- Objects ------------------------------------------------------------ */

static int record_open_object(struct backend *b, const char *name,
			      const uint64_t *size, struct object **out)
{
	AUTO_FREE struct record_object *r = calloc(1, sizeof(*r));
	uint64_t start = clock_ns();
	int rc;

	if (!r)
		return -ENOMEM;
	rc = object_open_sized(store_of(b)->inner, name, size, &r->inner);
	ended(b, REC_OPEN, start, rc);
	if (rc)
		return rc;
	r->base.size = r->inner->size;
	*out = &TAKE(r)->base;
	return 0;
}

static ssize_t record_read(struct object *o, struct object_read *rd)
{
	struct recorder *recorder = store_of(o->backend)->recorder;
	uint64_t start = clock_ns();
	ssize_t got;

	got = object_read(inner_of(o), rd);
	if (got == -EAGAIN && (rd->flags & OBJECT_READ_NOWAIT))
		return got;
	ended(o->backend, REC_READ, start, got);
	if (rd->first_byte_ns)
		recorder_add(recorder, REC_STORE, REC_FIRST_BYTE,
			     rd->first_byte_ns - start, 0);
	return got;
}

static int record_create_object(struct backend *b, const char *name,
				struct object **out)
{
	AUTO_FREE struct record_object *r = calloc(1, sizeof(*r));
	uint64_t start = clock_ns();
	int rc;

	if (!r)
		return -ENOMEM;
	rc = object_create(store_of(b)->inner, name, &r->inner);
	ended(b, REC_CREATE, start, rc);
	if (rc)
		return rc;
	*out = &TAKE(r)->base;
	return 0;
}

static int record_append(struct object *o, const void *buf, size_t len)
{
	uint64_t start = clock_ns();
	int rc = object_append(inner_of(o), buf, len);

	ended(o->backend, REC_WRITE, start, rc ? rc : (int64_t)len);
	return rc;
}

static int record_commit(struct object *o, unsigned flags)
{
	uint64_t start = clock_ns();
	int rc = object_commit(inner_of(o), flags);

	ended(o->backend, REC_COMMIT, start, rc);
	return rc;
}

static void record_close_object(struct object *o)
{
	uint64_t start = clock_ns();

	object_close(inner_of(o));
	ended(o->backend, REC_CLOSE, start, 0);
	free(o);
}

static const struct backend_ops record_ops = {
	.scheme = "record",
	.open = record_open,
	.close = record_close,
	.list = record_list,
	.stat = record_stat,
	.remove = record_remove,
	.rename = record_rename,
	.sweep = record_sweep,
	.room = record_room,
	.open_object = record_open_object,
	.read = record_read,
	.create_object = record_create_object,
	.append = record_append,
	.commit = record_commit,
	.close_object = record_close_object,
};

int record_wrap(struct backend *inner, struct recorder *recorder,
		struct backend **out)
{
	AUTO_FREE struct record_store *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->base.uri = strdup(inner->uri);
	if (!s->base.uri)
		return -ENOMEM;
	s->base.ops = &record_ops;
	s->base.alignment = inner->alignment;
	s->base.local = inner->local;
	s->inner = inner;
	s->recorder = recorder;
	*out = &TAKE(s)->base;
	return 0;
}
