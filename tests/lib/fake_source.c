#include "lib/fake_source.h"

#include "base/clock.h"

#include <errno.h>
#include <string.h>

struct stored {
	struct stored *next;
	uint8_t *data;
	size_t len, room;
	char name[128];
};

struct fake_source {
	struct source base;
	uint32_t blksize;
	uint64_t delay_ns;

	pthread_mutex_t lock; /* guards what follows */
	struct stored *files;
	struct fake_event *events;
	size_t n, room;
	unsigned open_files;
	struct {
		bool armed;
		unsigned after;
		int rc;
	} fail[FAKE_OPS];
};

struct fake_file {
	struct source_file base;
	struct stored *file;	/* being read: of the source */
	struct stored *created; /* being written: ours */
};

static struct fake_source *source_of(struct source *s)
{
	return CONTAINER_OF(s, struct fake_source, base);
}

static struct fake_file *file_of(struct source_file *f)
{
	return CONTAINER_OF(f, struct fake_file, base);
}

/* Under the lock.  Returns the event. */
static struct fake_event *note(struct fake_source *s, enum fake_op op,
			       const char *name, uint64_t offset, uint64_t len)
{
	struct fake_event *e;

	if (s->n == s->room) {
		s->room = s->room ? s->room * 2 : 64;
		s->events = realloc(s->events, s->room * sizeof(*s->events));
		if (!s->events)
			abort();
	}
	e = &s->events[s->n++];
	*e = (struct fake_event){ .op = op, .offset = offset, .len = len };
	snprintf(e->name, sizeof(e->name), "%s", name);
	return e;
}

/* Under the lock.  Is it this operation's turn to fail? */
static bool fails(struct fake_source *s, enum fake_op op)
{
	if (!s->fail[op].armed || s->fail[op].after-- > 0)
		return false;
	s->fail[op].armed = false;
	return true;
}

static struct stored *find(struct fake_source *s, const char *name)
{
	for (struct stored *f = s->files; f; f = f->next)
		if (!strcmp(f->name, name))
			return f;
	return NULL;
}

static struct source_file *new_file(struct fake_source *s, struct stored *file,
				    struct stored *created)
{
	struct fake_file *f = calloc(1, sizeof(*f));

	if (!f)
		abort();
	f->base.source = &s->base;
	f->base.size = file ? file->len : 0;
	f->base.blksize = s->blksize;
	f->file = file;
	f->created = created;
	s->open_files++;
	return &f->base;
}

static int fake_open(struct source *base, const char *name, unsigned flags,
		     struct source_file **out)
{
	struct fake_source *s = source_of(base);
	LOCKED(&s->lock);
	struct fake_event *e = note(s, FAKE_OPEN, name, 0, 0);
	struct stored *file = find(s, name);

	e->flags = flags;
	if (fails(s, FAKE_OPEN))
		return (int)(e->result = s->fail[FAKE_OPEN].rc);
	if (!file)
		return (int)(e->result = -ENOENT);
	*out = new_file(s, file, NULL);
	return 0;
}

static ssize_t fake_read(struct source_file *base, void *buf, size_t len,
			 uint64_t offset)
{
	struct fake_source *s = source_of(base->source);
	const struct stored *file = file_of(base)->file;

	if (s->delay_ns)
		clock_sleep_until(clock_ns() + s->delay_ns);

	LOCKED(&s->lock);
	struct fake_event *e = note(s, FAKE_READ, file->name, offset, len);
	size_t there = offset < file->len ? file->len - offset : 0;

	len = MIN(len, there);
	if (fails(s, FAKE_READ)) {
		if (s->fail[FAKE_READ].rc < 0)
			return e->result = s->fail[FAKE_READ].rc;
		len = MIN(len, (size_t)s->fail[FAKE_READ].rc);
	}
	if (len)
		memcpy(buf, file->data + offset, len);
	return e->result = (ssize_t)len;
}

static void free_stored(struct stored *f)
{
	if (f)
		free(f->data);
	free(f);
}

static void fake_close(struct source_file *base)
{
	struct fake_source *s = source_of(base->source);
	struct fake_file *f = file_of(base);
	LOCKED(&s->lock);

	if (f->created)
		note(s, FAKE_DISCARD, f->created->name, 0, 0);
	else
		note(s, FAKE_CLOSE, f->file ? f->file->name : "", 0, 0);
	free_stored(f->created);
	s->open_files--;
	free(f);
}

static struct stored *new_stored(const char *name)
{
	struct stored *f = calloc(1, sizeof(*f));

	if (!f)
		abort();
	snprintf(f->name, sizeof(f->name), "%s", name);
	return f;
}

static void add_bytes(struct stored *f, const void *data, size_t len)
{
	if (!f->data || f->room - f->len < len) {
		f->room = MAX(2 * f->room, f->len + len + 1);
		f->data = realloc(f->data, f->room);
	}
	if (!f->data)
		abort();
	if (len)
		memcpy(f->data + f->len, data, len);
	f->len += len;
}

static int fake_create(struct source *base, const char *name,
		       struct source_file **out)
{
	struct fake_source *s = source_of(base);
	LOCKED(&s->lock);
	struct fake_event *e = note(s, FAKE_CREATE, name, 0, 0);

	if (fails(s, FAKE_CREATE))
		return (int)(e->result = s->fail[FAKE_CREATE].rc);
	*out = new_file(s, NULL, new_stored(name));
	return 0;
}

static int fake_append(struct source_file *base, const void *buf, size_t len)
{
	struct fake_source *s = source_of(base->source);
	struct stored *f = file_of(base)->created;
	LOCKED(&s->lock);
	struct fake_event *e;

	if (!f)
		return -EBADF; /* it was committed */
	e = note(s, FAKE_APPEND, f->name, f->len, len);
	if (fails(s, FAKE_APPEND))
		return (int)(e->result = s->fail[FAKE_APPEND].rc);
	add_bytes(f, buf, len);
	return 0;
}

/* Under the lock. */
static void replace(struct fake_source *s, struct stored *f)
{
	for (struct stored **at = &s->files; *at; at = &(*at)->next)
		if (!strcmp((*at)->name, f->name)) {
			struct stored *old = *at;

			*at = old->next;
			free_stored(old);
			break;
		}
	f->next = s->files;
	s->files = f;
}

static int fake_commit(struct source_file *base, unsigned flags)
{
	struct fake_source *s = source_of(base->source);
	struct fake_file *f = file_of(base);
	LOCKED(&s->lock);
	struct fake_event *e =
		note(s, FAKE_COMMIT, f->created->name, 0, f->created->len);

	e->flags = flags;
	if (fails(s, FAKE_COMMIT))
		return (int)(e->result = s->fail[FAKE_COMMIT].rc);
	replace(s, TAKE(f->created));
	return 0;
}

/* The length of what a folder shows of a name, the folder's own included; 0 if
 * the name is not in it. */
static size_t shown(const char *name, const char *folder)
{
	size_t skip = strlen(folder);

	if (strncmp(name, folder, skip) || (skip && name[skip++] != '/'))
		return 0;
	return skip + strcspn(name + skip, "/");
}

/* Under the lock: is this the first file that shows what it does? */
static bool shows_first(const struct fake_source *s, const struct stored *f,
			const char *folder)
{
	size_t part = shown(f->name, folder);

	for (const struct stored *g = s->files; g != f; g = g->next)
		if (shown(g->name, folder) == part &&
		    !strncmp(g->name, f->name, part))
			return false;
	return part > 0;
}

static int fake_count(struct source *base, const char *folder, uint64_t *out)
{
	struct fake_source *s = source_of(base);
	LOCKED(&s->lock);

	for (const struct stored *f = s->files; f; f = f->next)
		*out += shows_first(s, f, folder);
	return *out || !*folder ? 0 : -ENOENT;
}

static int fake_drop(struct source *base, const char *name)
{
	struct fake_source *s = source_of(base);
	LOCKED(&s->lock);
	struct fake_event *e = note(s, FAKE_DROP, name, 0, 0);

	if (fails(s, FAKE_DROP))
		return (int)(e->result = s->fail[FAKE_DROP].rc);
	return find(s, name) ? 0 : (int)(e->result = -ENOENT);
}

static void fake_free(struct source *base)
{
	struct fake_source *s = source_of(base);

	for (struct stored *f = s->files, *next; f; f = next) {
		next = f->next;
		free_stored(f);
	}
	free(s->events);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

static int fake_map(struct source_file *f, const void **out)
{
	(void)f;
	(void)out;
	return -ENODEV;
}

static const struct source_ops fake_ops = {
	.open = fake_open,
	.read = fake_read,
	.close = fake_close,
	.create = fake_create,
	.append = fake_append,
	.commit = fake_commit,
	.count = fake_count,
	.drop = fake_drop,
	.map = fake_map,
	.free = fake_free,
};

struct fake_source *fake_source_new(uint32_t blksize)
{
	struct fake_source *s = calloc(1, sizeof(*s));

	if (!s)
		abort();
	s->base.ops = &fake_ops;
	s->blksize = blksize;
	pthread_mutex_init(&s->lock, NULL);
	return s;
}

struct source *fake_source(struct fake_source *s)
{
	return &s->base;
}

void fake_source_put(struct fake_source *s, const char *name, const void *data,
		     size_t len)
{
	struct stored *f = new_stored(name);
	LOCKED(&s->lock);

	add_bytes(f, data, len);
	replace(s, f);
}

const uint8_t *fake_source_get(struct fake_source *s, const char *name,
			       size_t *len)
{
	LOCKED(&s->lock);
	const struct stored *f = find(s, name);

	*len = f ? f->len : 0;
	return f ? f->data : NULL;
}

void fake_source_fail(struct fake_source *s, enum fake_op op, unsigned after,
		      int rc)
{
	LOCKED(&s->lock);

	s->fail[op].armed = true;
	s->fail[op].after = after;
	s->fail[op].rc = rc;
}

void fake_source_delay(struct fake_source *s, uint64_t read_ns)
{
	s->delay_ns = read_ns;
}

const struct fake_event *fake_source_events(struct fake_source *s, size_t *n)
{
	LOCKED(&s->lock);

	*n = s->n;
	return s->events;
}

void fake_source_forget(struct fake_source *s)
{
	LOCKED(&s->lock);

	s->n = 0;
}

size_t fake_source_count_of(struct fake_source *s, enum fake_op op)
{
	size_t n = 0;
	LOCKED(&s->lock);

	for (size_t i = 0; i < s->n; i++)
		n += s->events[i].op == op && s->events[i].result >= 0;
	return n;
}

unsigned fake_source_open_files(struct fake_source *s)
{
	LOCKED(&s->lock);

	return s->open_files;
}
