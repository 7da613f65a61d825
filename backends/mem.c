#include "backends/mem.h"

#include "backends/arena.h"
#include "backends/body.h"
#include "backends/label.h"
#include "base/log.h"
#include "base/memlimit.h"

#include <errno.h>
#include <search.h>
#include <string.h>
#include <time.h>

/* In the arena an object is called "location/name". */
#define LOCATION_MAX 255

struct mem_store {
	struct backend base;
	struct arena *arena;
	char location[LOCATION_MAX + 1];
};

struct mem_object {
	struct object base;
	uint32_t body;	  /* on which we hold a reference */
	uint64_t version; /* reading: when it was committed */
	char key[];	  /* writing: its name, at commit */
};

struct key {
	char text[LABEL_KEY_MAX + 1];
};

static struct mem_store *store_of(struct backend *b)
{
	return CONTAINER_OF(b, struct mem_store, base);
}

static struct arena *arena_of(struct object *o)
{
	return store_of(o->backend)->arena;
}

static struct key key_of(const struct mem_store *s, const char *name)
{
	struct key key;

	snprintf(key.text, sizeof(key.text), "%s/%s", s->location, name);
	return key;
}

/* ---- The store ---------------------------------------------------------- */

/* Its memory cannot be reclaimed: with all of it taken, others are killed. */
static uint64_t default_limit(void)
{
	return memlimit_left() / 4 * 3;
}

static int mem_open(const char *location, const struct backend_options *options,
		    struct backend **out)
{
	AUTO_FREE struct mem_store *s = calloc(1, sizeof(*s));
	size_t len = strlen(location);
	uint64_t limit = options->mem_limit;
	int rc;

	if (!s)
		return -ENOMEM;
	while (len > 0 && location[len - 1] == '/')
		len--;
	if (len > LOCATION_MAX)
		return log_fail(-ENAMETOOLONG, "mem://%s", location);
	snprintf(s->location, sizeof(s->location), "%.*s", (int)len, location);

	if (options->mem_fd >= 0)
		rc = arena_join(options->mem_fd, &s->arena);
	else
		rc = arena_make(limit ? limit : default_limit(), &s->arena);
	if (rc)
		return rc;
	s->base.local = true;
	*out = &TAKE(s)->base;
	return 0;
}

int mem_fd(const struct backend *b)
{
	return ((const struct mem_store *)b)->arena->fd;
}

static void mem_close(struct backend *b)
{
	arena_leave(store_of(b)->arena);
	free(b);
}

static int mem_stat(struct backend *b, const char *name,
		    struct object_info *out)
{
	struct mem_store *s = store_of(b);
	struct key key = key_of(s, name);

	return label_find(s->arena, key.text, out, NULL);
}

static int mem_remove(struct backend *b, const char *name)
{
	struct mem_store *s = store_of(b);
	struct key key = key_of(s, name);

	return label_unbind(s->arena, key.text);
}

static int mem_rename(struct backend *b, const char *from, const char *to)
{
	struct mem_store *s = store_of(b);
	struct key from_key = key_of(s, from), to_key = key_of(s, to);

	return label_rename(s->arena, from_key.text, to_key.text);
}

/* ---- Listing ------------------------------------------------------------ */

struct listing {
	size_t prefix_len;
	enum backend_depth depth;
	backend_list_fn fn;
	void *arg;
	void *folders; /* already told, for tsearch() */
};

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static int tell_folder(struct listing *l, const char *folder)
{
	const struct object_info nothing = { 0 };
	char *copy;

	if (tfind(folder, &l->folders, compare))
		return 0;
	copy = strdup(folder);
	if (!copy || !tsearch(copy, &l->folders, compare)) {
		free(copy);
		return -ENOMEM;
	}
	return l->fn(l->arg, folder, &nothing);
}

static int tell(struct listing *l, char *name, const struct object_info *info)
{
	char *slash = NULL;

	if (l->depth == BACKEND_SHALLOW)
		slash = strchr(name + l->prefix_len, '/');
	if (!slash)
		return l->fn(l->arg, name, info);
	slash[1] = '\0';
	return tell_folder(l, name);
}

static int mem_list(struct backend *b, const char *prefix,
		    enum backend_depth depth, backend_list_fn fn, void *arg)
{
	struct listing l = { .prefix_len = strlen(prefix),
			     .depth = depth,
			     .fn = fn,
			     .arg = arg };
	struct mem_store *s = store_of(b);
	struct key key, wanted = key_of(s, prefix);
	size_t wanted_len = strlen(wanted.text);
	struct object_info info;
	uint32_t cursor = 0;
	int rc = 0;

	while (rc == 0 && label_next(s->arena, &cursor, key.text, &info))
		if (!strncmp(key.text, wanted.text, wanted_len))
			rc = tell(&l, key.text + strlen(s->location) + 1,
				  &info);
	tdestroy(l.folders, free);
	return rc;
}

/* ---- Objects ------------------------------------------------------------ */

static int mem_open_object(struct backend *b, const char *name,
			   const uint64_t *size, struct object **out)
{
	AUTO_FREE struct mem_object *m = calloc(1, sizeof(*m));
	struct mem_store *s = store_of(b);
	struct key key = key_of(s, name);
	struct object_info info;
	int rc;

	(void)size;
	if (!m)
		return -ENOMEM;
	rc = label_find(s->arena, key.text, &info, &m->body);
	if (rc)
		return rc;
	m->base.size = info.size;
	m->version = (uint64_t)info.mtime_ns;
	*out = &TAKE(m)->base;
	return 0;
}

static ssize_t mem_read(struct object *o, struct object_read *rd)
{
	const struct mem_object *m = (struct mem_object *)o;

	body_read(arena_of(o), m->body, rd->buf, rd->len, rd->offset);
	rd->version = m->version;
	return (ssize_t)rd->len;
}

static int mem_create_object(struct backend *b, const char *name,
			     struct object **out)
{
	struct mem_store *s = store_of(b);
	struct key key = key_of(s, name);
	size_t key_size = strlen(key.text) + 1;
	AUTO_FREE struct mem_object *m = calloc(1, sizeof(*m) + key_size);
	int rc;

	if (!m)
		return -ENOMEM;
	memcpy(m->key, key.text, key_size);
	rc = body_begin(s->arena, &m->body);
	if (rc)
		return rc;
	*out = &TAKE(m)->base;
	return 0;
}

static int mem_append(struct object *o, const void *buf, size_t len)
{
	return body_append(arena_of(o), ((struct mem_object *)o)->body, buf,
			   len);
}

/* Memory is as stable as it gets: nothing more to do for OBJECT_DURABLE. */
static int mem_commit(struct object *o, unsigned flags)
{
	struct mem_object *m = (struct mem_object *)o;
	struct timespec now;

	(void)flags;
	clock_gettime(CLOCK_REALTIME, &now);
	return label_bind(arena_of(o), m->key, m->body,
			  (int64_t)now.tv_sec * (int64_t)NS_PER_SEC +
				  now.tv_nsec);
}

static void mem_close_object(struct object *o)
{
	body_release(arena_of(o), ((struct mem_object *)o)->body);
	free(o);
}

const struct backend_ops mem_ops = {
	.scheme = "mem",
	.open = mem_open,
	.close = mem_close,
	.list = mem_list,
	.stat = mem_stat,
	.remove = mem_remove,
	.rename = mem_rename,
	.open_object = mem_open_object,
	.read = mem_read,
	.create_object = mem_create_object,
	.append = mem_append,
	.commit = mem_commit,
	.close_object = mem_close_object,
};
