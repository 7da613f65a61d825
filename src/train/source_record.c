#include "train/source_record.h"

#include "base/clock.h"
#include "base/recorder.h"

#include <errno.h>

struct record_source {
	struct source base;
	struct source *inner;
	struct recorder *recorder;
};

struct record_file {
	struct source_file base;
	struct source_file *inner;
};

static struct record_source *source_of(struct source *s)
{
	return CONTAINER_OF(s, struct record_source, base);
}

static struct source_file *inner_of(struct source_file *f)
{
	return CONTAINER_OF(f, struct record_file, base)->inner;
}

static void record(struct source *s, enum rec_op op, uint64_t from_ns,
		   int64_t result)
{
	recorder_add(source_of(s)->recorder, REC_APP, op, clock_ns() - from_ns,
		     result);
}

/* Takes the inner file. */
static int wrap(struct source *s, struct source_file *inner,
		struct source_file **out)
{
	struct record_file *f = calloc(1, sizeof(*f));

	if (!f) {
		source_close(inner);
		return -ENOMEM;
	}
	f->base = *inner;
	f->base.source = s;
	f->inner = inner;
	*out = &f->base;
	return 0;
}

static int record_open(struct source *s, const char *name, unsigned flags,
		       struct source_file **out)
{
	uint64_t from_ns = clock_ns();
	struct source_file *inner;
	int rc;

	rc = source_open(source_of(s)->inner, name, flags, &inner);
	record(s, REC_OPEN, from_ns, rc);
	return rc ? rc : wrap(s, inner, out);
}

static ssize_t record_read(struct source_file *f, void *buf, size_t len,
			   uint64_t offset)
{
	uint64_t from_ns = clock_ns();
	ssize_t got;

	got = source_read(inner_of(f), buf, len, offset);
	record(f->source, REC_READ, from_ns, got);
	return got;
}

static void record_close(struct source_file *f)
{
	uint64_t from_ns = clock_ns();

	source_close(inner_of(f));
	record(f->source, REC_CLOSE, from_ns, 0);
	free(CONTAINER_OF(f, struct record_file, base));
}

static int record_create(struct source *s, const char *name,
			 struct source_file **out)
{
	uint64_t from_ns = clock_ns();
	struct source_file *inner;
	int rc;

	rc = source_create(source_of(s)->inner, name, &inner);
	record(s, REC_CREATE, from_ns, rc);
	return rc ? rc : wrap(s, inner, out);
}

static int record_append(struct source_file *f, const void *buf, size_t len)
{
	uint64_t from_ns = clock_ns();
	int rc;

	rc = source_append(inner_of(f), buf, len);
	record(f->source, REC_WRITE, from_ns, rc ? rc : (int64_t)len);
	return rc;
}

static int record_commit(struct source_file *f, unsigned flags)
{
	uint64_t from_ns = clock_ns();
	int rc;

	rc = source_commit(inner_of(f), flags);
	record(f->source, REC_COMMIT, from_ns, rc);
	return rc;
}

static int record_count(struct source *s, const char *folder, uint64_t *out)
{
	uint64_t from_ns = clock_ns();
	int rc;

	rc = source_count(source_of(s)->inner, folder, out);
	record(s, REC_LIST, from_ns, rc);
	return rc;
}

/* No part of the workload: not recorded. */
static int record_drop(struct source *s, const char *name)
{
	return source_drop(source_of(s)->inner, name);
}

/* What is read by touching it nobody sees. */
static int record_map(struct source_file *f, const void **out)
{
	return source_map(inner_of(f), out);
}

static void record_free(struct source *s)
{
	free(source_of(s));
}

static const struct source_ops record_ops = {
	.open = record_open,
	.read = record_read,
	.close = record_close,
	.create = record_create,
	.append = record_append,
	.commit = record_commit,
	.count = record_count,
	.drop = record_drop,
	.map = record_map,
	.free = record_free,
};

int source_record_new(struct source *inner, struct recorder *recorder,
		      struct source **out)
{
	struct record_source *s = calloc(1, sizeof(*s));

	*out = NULL;
	if (!s)
		return -ENOMEM;
	s->base.ops = &record_ops;
	s->inner = inner;
	s->recorder = recorder;
	if (source_set_place(&s->base, source_place(inner))) {
		free(s);
		return -ENOMEM;
	}
	*out = &s->base;
	return 0;
}
