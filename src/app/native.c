#include "app/native.h"

#include <errno.h>
#include <string.h>

/* What a file system reports, and so what buffered readers read in. */
#define BLKSIZE 4096

#define NAME_SIZE 4096

struct native {
	struct source source;
	struct backend *backend;
	char *prefix;
};

/* On a network, readers that read in small pieces would make a request of each.
 * So an object is fetched whole by whoever reads it first, as Python's clients
 * of object stores do, unless it is too large for that. */
#define WHOLE_MAX (256 * MIB)

struct native_file {
	struct source_file file;
	struct object *object;
	bool fetches; /* const */

	pthread_mutex_t lock; /* those who want it whole wait for it */
	char *whole;	      /* NULL: not fetched yet */
};

static int full_name(struct source *s, const char *name, char out[NAME_SIZE])
{
	struct native *n = CONTAINER_OF(s, struct native, source);
	int len = snprintf(out, NAME_SIZE, "%s%s", n->prefix, name);

	return len < NAME_SIZE ? 0 : -ENAMETOOLONG;
}

typedef int (*object_opener)(struct backend *b, const char *name,
			     struct object **out);

static int open_with(object_opener opener, struct source *s, const char *name,
		     struct source_file **out)
{
	struct native *n = CONTAINER_OF(s, struct native, source);
	AUTO_FREE struct native_file *f = calloc(1, sizeof(*f));
	char full[NAME_SIZE];
	int rc;

	if (!f)
		return -ENOMEM;
	rc = full_name(s, name, full);
	if (rc)
		return rc;
	rc = opener(n->backend, full, &f->object);
	if (rc)
		return rc;
	f->file = (struct source_file){ .source = s,
					.size = f->object->size,
					.blksize = BLKSIZE };
	f->fetches = !n->backend->local && f->object->size <= WHOLE_MAX;
	pthread_mutex_init(&f->lock, NULL);
	*out = &TAKE(f)->file;
	return 0;
}

static int native_open(struct source *s, const char *name, unsigned flags,
		       struct source_file **out)
{
	(void)flags; /* whether reads are direct is the store's to say */
	return open_with(object_open, s, name, out);
}

static int native_create(struct source *s, const char *name,
			 struct source_file **out)
{
	return open_with(object_create, s, name, out);
}

static struct object *object_of(struct source_file *f)
{
	return CONTAINER_OF(f, struct native_file, file)->object;
}

static int fetch(struct native_file *f)
{
	size_t size = f->object->size;
	AUTO_FREE char *bytes = NULL;
	ssize_t got;
	LOCKED(&f->lock);

	if (f->whole)
		return 0;
	bytes = malloc(MAX(size, (size_t)1));
	if (!bytes)
		return -ENOMEM;
	got = object_pread(f->object, bytes, size, 0);
	if (got < 0)
		return (int)got;
	if ((size_t)got != size)
		return -ESTALE;
	f->whole = TAKE(bytes);
	return 0;
}

static ssize_t native_read(struct source_file *file, void *buf, size_t len,
			   uint64_t offset)
{
	struct native_file *f = CONTAINER_OF(file, struct native_file, file);
	int rc;

	if (!f->fetches)
		return object_pread(f->object, buf, len, offset);
	rc = fetch(f);
	if (rc)
		return rc;
	offset = MIN(offset, f->object->size);
	len = MIN(len, f->object->size - offset);
	memcpy(buf, f->whole + offset, len);
	return (ssize_t)len;
}

static int native_append(struct source_file *f, const void *buf, size_t len)
{
	return object_append(object_of(f), buf, len);
}

static int native_commit(struct source_file *f, unsigned flags)
{
	return object_commit(object_of(f),
			     flags & SOURCE_DURABLE ? OBJECT_DURABLE : 0);
}

static void native_close(struct source_file *f)
{
	struct native_file *nf = CONTAINER_OF(f, struct native_file, file);

	object_close(nf->object);
	pthread_mutex_destroy(&nf->lock);
	free(nf->whole);
	free(nf);
}

static int count_one(void *arg, const char *name,
		     const struct object_info *info)
{
	(void)name;
	(void)info;
	++*(uint64_t *)arg;
	return 0;
}

/* A store has no folders, only names: one with nothing in it is not there. */
static int native_count(struct source *s, const char *folder, uint64_t *out)
{
	struct native *n = CONTAINER_OF(s, struct native, source);
	char full[NAME_SIZE], prefix[NAME_SIZE + 1];
	int rc;

	rc = full_name(s, folder, full);
	if (rc)
		return rc;
	snprintf(prefix, sizeof(prefix), "%s%s", full, *folder ? "/" : "");
	*out = 0;
	rc = backend_list(n->backend, prefix, BACKEND_SHALLOW, count_one, out);
	if (rc)
		return rc;
	return *out || !*folder ? 0 : -ENOENT;
}

static int native_drop(struct source *s, const char *name)
{
	(void)s;
	(void)name;
	return 0; /* what is cached, is cached by the store */
}

static int native_map(struct source_file *f, const void **out)
{
	(void)f;
	(void)out;
	return -ENODEV;
}

static void native_free(struct source *s)
{
	struct native *n = CONTAINER_OF(s, struct native, source);

	free(n->prefix);
	free(n);
}

static const struct source_ops native_ops = {
	.open = native_open,
	.read = native_read,
	.close = native_close,
	.create = native_create,
	.append = native_append,
	.commit = native_commit,
	.count = native_count,
	.drop = native_drop,
	.map = native_map,
	.free = native_free,
};

static int say_place(struct native *n)
{
	AUTO_FREE char *place = NULL;

	if (asprintf(&place, "%s/%s", n->backend->uri, n->prefix) < 0) {
		place = NULL;
		return -ENOMEM;
	}
	return source_set_place(&n->source, place);
}

int native_source(struct backend *b, const char *prefix, struct source **out)
{
	struct native *n = calloc(1, sizeof(*n));

	if (!n)
		return -ENOMEM;
	n->source.ops = &native_ops;
	n->backend = b;
	n->prefix = strdup(prefix);
	if (!n->prefix || say_place(n)) {
		native_free(&n->source);
		return -ENOMEM;
	}
	*out = &n->source;
	return 0;
}
