#include "lib/sink_source.h"

#include "base/crc.h"

#include <errno.h>

struct sink_file {
	struct source_file base;
	uint64_t bytes;
};

static struct sink_source *source_of(struct source_file *f)
{
	return CONTAINER_OF(f->source, struct sink_source, base);
}

static int sink_open(struct source *s, const char *name, unsigned flags,
		     struct source_file **out)
{
	(void)s;
	(void)name;
	(void)flags;
	(void)out;
	return -ENOENT;
}

static ssize_t sink_read(struct source_file *f, void *buf, size_t len,
			 uint64_t offset)
{
	(void)f;
	(void)buf;
	(void)len;
	(void)offset;
	return -EBADF;
}

static void sink_close(struct source_file *f)
{
	free(CONTAINER_OF(f, struct sink_file, base));
}

static int sink_create(struct source *s, const char *name,
		       struct source_file **out)
{
	struct sink_file *f = calloc(1, sizeof(*f));

	(void)name;
	if (!f)
		return -ENOMEM;
	f->base.source = s;
	f->base.blksize = 4096;
	*out = &f->base;
	return 0;
}

static int sink_append(struct source_file *f, const void *buf, size_t len)
{
	struct sink_source *s = source_of(f);

	s->crc = crc_crc32(s->crc, buf, len);
	s->largest_append = MAX(s->largest_append, len);
	CONTAINER_OF(f, struct sink_file, base)->bytes += len;
	return 0;
}

static int sink_commit(struct source_file *f, unsigned flags)
{
	struct sink_source *s = source_of(f);

	(void)flags;
	s->files++;
	s->bytes += CONTAINER_OF(f, struct sink_file, base)->bytes;
	return 0;
}

static int sink_count(struct source *s, const char *folder, uint64_t *out)
{
	(void)s;
	(void)folder;
	(void)out;
	return 0;
}

static int sink_drop(struct source *s, const char *name)
{
	(void)s;
	(void)name;
	return -ENOENT;
}

static void sink_free(struct source *s)
{
	(void)s;
}

static const struct source_ops sink_ops = {
	.open = sink_open,
	.read = sink_read,
	.close = sink_close,
	.create = sink_create,
	.append = sink_append,
	.commit = sink_commit,
	.count = sink_count,
	.drop = sink_drop,
	.free = sink_free,
};

void sink_source_init(struct sink_source *s)
{
	*s = (struct sink_source){ .base.ops = &sink_ops };
}
