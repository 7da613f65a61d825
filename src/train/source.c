#include "train/source.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

void source_free(struct source *s)
{
	char *place;

	if (!s)
		return;
	place = s->place;
	s->ops->free(s);
	free(place);
}

const char *source_place(const struct source *s)
{
	return s && s->place ? s->place : "";
}

int source_set_place(struct source *s, const char *place)
{
	size_t len = strlen(place);
	char *copy;

	if (asprintf(&copy, "%s%s", place,
		     len && place[len - 1] != '/' ? "/" : "") < 0)
		return -ENOMEM;
	free(s->place);
	s->place = copy;
	return 0;
}

int source_open(struct source *s, const char *name, unsigned flags,
		struct source_file **out)
{
	*out = NULL;
	return s->ops->open(s, name, flags, out);
}

ssize_t source_read(struct source_file *f, void *buf, size_t len,
		    uint64_t offset)
{
	if (f->stop && atomic_load_explicit(f->stop, memory_order_relaxed))
		return -ECANCELED;
	return f->source->ops->read(f, buf, len, offset);
}

ssize_t source_read_all(struct source_file *f, void *buf, size_t len,
			uint64_t offset)
{
	size_t done = 0;

	while (done < len) {
		ssize_t got = source_read(f, (char *)buf + done, len - done,
					  offset + done);

		if (got < 0)
			return got;
		if (got == 0)
			break;
		done += (size_t)got;
	}
	return (ssize_t)done;
}

void source_close(struct source_file *f)
{
	if (f)
		f->source->ops->close(f);
}

int source_create(struct source *s, const char *name, struct source_file **out)
{
	*out = NULL;
	return s->ops->create(s, name, out);
}

int source_append(struct source_file *f, const void *buf, size_t len)
{
	return f->source->ops->append(f, buf, len);
}

int source_commit(struct source_file *f, unsigned flags)
{
	return f->source->ops->commit(f, flags);
}

int source_count(struct source *s, const char *folder, uint64_t *out)
{
	*out = 0;
	return s->ops->count(s, folder, out);
}

int source_drop(struct source *s, const char *name)
{
	return s->ops->drop(s, name);
}

int source_map(struct source_file *f, const void **out)
{
	*out = NULL;
	return f->source->ops->map(f, out);
}

void source_unmap(const void *data, uint64_t len)
{
	uintptr_t at = (uintptr_t)data;

	if (data)
		munmap((void *)at, len);
}
