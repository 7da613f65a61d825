#include "backends/backend.h"

#include "base/log.h"

#include <errno.h>
#include <string.h>

/* ---- Names -------------------------------------------------------------- */

static bool part_ok(const char *part, size_t len)
{
	if (len == 0)
		return false;
	if (len <= 2 && part[0] == '.' && part[len - 1] == '.')
		return false;
	return true;
}

/* Every part that a slash follows. */
static bool folders_ok(const char *name)
{
	const char *slash;

	while ((slash = strchr(name, '/')) != NULL) {
		if (!part_ok(name, (size_t)(slash - name)))
			return false;
		name = slash + 1;
	}
	return true;
}

int backend_check_prefix(const char *prefix)
{
	if (!prefix)
		return -EINVAL;
	if (strlen(prefix) > BACKEND_NAME_MAX)
		return -ENAMETOOLONG;
	/* The last part may be the beginning of anything: "." of ".config". */
	return folders_ok(prefix) ? 0 : -EINVAL;
}

int backend_check_name(const char *name)
{
	const char *slash, *last;
	int rc;

	rc = backend_check_prefix(name);
	if (rc)
		return rc;
	slash = strrchr(name, '/');
	last = slash ? slash + 1 : name;
	return part_ok(last, strlen(last)) ? 0 : -EINVAL;
}

/* ---- Stores ------------------------------------------------------------- */

static int location_of(const struct backend_ops *ops, const char *uri,
		       const char **location)
{
	const char *end = strstr(uri, "://");

	*location = end ? end + strlen("://") : uri;
	if (end && ((size_t)(end - uri) != strlen(ops->scheme) ||
		    strncmp(uri, ops->scheme, (size_t)(end - uri)) != 0))
		return log_invalid("%s is not of the store %s://", uri,
				   ops->scheme);
	return 0;
}

int backend_open(const struct backend_ops *ops, const char *uri,
		 const struct backend_options *options, struct backend **out)
{
	static const struct backend_options none = { .mem_fd = -1 };
	AUTO_FREE char *copy = NULL;
	const char *location;
	int rc;

	*out = NULL;
	rc = location_of(ops, uri, &location);
	if (rc)
		return rc;
	copy = strdup(uri);
	if (!copy)
		return -ENOMEM;
	rc = ops->open(location, options ? options : &none, out);
	if (rc)
		return rc;

	(*out)->ops = ops;
	(*out)->uri = TAKE(copy);
	if ((*out)->alignment == 0)
		(*out)->alignment = 1;
	return 0;
}

void backend_close(struct backend *b)
{
	char *uri;

	if (!b)
		return;
	uri = b->uri;
	b->ops->close(b);
	free(uri);
}

int backend_list(struct backend *b, const char *prefix,
		 enum backend_depth depth, backend_list_fn fn, void *arg)
{
	int rc;

	if (!fn)
		return -EINVAL;
	rc = backend_check_prefix(prefix);
	if (rc)
		return rc;
	return b->ops->list(b, prefix, depth, fn, arg);
}

int backend_stat(struct backend *b, const char *name, struct object_info *out)
{
	int rc;

	*out = (struct object_info){ 0 };
	rc = backend_check_name(name);
	if (rc)
		return rc;
	return b->ops->stat(b, name, out);
}

int backend_remove(struct backend *b, const char *name)
{
	int rc;

	rc = backend_check_name(name);
	if (rc)
		return rc;
	return b->ops->remove(b, name);
}

int backend_rename(struct backend *b, const char *from, const char *to)
{
	int rc;

	rc = backend_check_name(from);
	if (rc == 0)
		rc = backend_check_name(to);
	if (rc)
		return rc;
	return b->ops->rename(b, from, to);
}

int64_t backend_sweep(struct backend *b, const char *prefix,
		      backend_sweep_fn wanted, void *arg)
{
	int rc;

	rc = backend_check_prefix(prefix);
	if (rc || !b->ops->sweep)
		return rc;
	return b->ops->sweep(b, prefix, wanted, arg);
}

uint64_t backend_room(struct backend *b)
{
	return b->ops->room ? b->ops->room(b) : UINT64_MAX;
}

/* ---- Objects ------------------------------------------------------------ */

int object_open(struct backend *b, const char *name, struct object **out)
{
	return object_open_sized(b, name, NULL, out);
}

int object_open_sized(struct backend *b, const char *name, const uint64_t *size,
		      struct object **out)
{
	int rc;

	*out = NULL;
	rc = backend_check_name(name);
	if (rc)
		return rc;
	rc = b->ops->open_object(b, name, size, out);
	if (rc)
		return rc;
	(*out)->backend = b;
	(*out)->mode = OBJECT_READING;
	return 0;
}

/* The part of a read that lies inside the object. */
static size_t clamp(const struct object *o, const struct object_read *rd)
{
	if (rd->offset >= o->size)
		return 0;
	return (size_t)MIN((uint64_t)rd->len, o->size - rd->offset);
}

ssize_t object_read(struct object *o, struct object_read *rd)
{
	struct object_read inside = *rd;
	ssize_t got;

	rd->first_byte_ns = rd->version = 0;
	if (o->mode != OBJECT_READING)
		return -EBADF;
	if ((rd->flags & ~(OBJECT_READ_NOWAIT | OBJECT_READ_AHEAD)) ||
	    (!rd->buf && rd->len > 0))
		return -EINVAL;
	inside.first_byte_ns = inside.version = 0;
	inside.len = clamp(o, rd);
	if (inside.len == 0)
		return 0;

	got = o->backend->ops->read(o, &inside);
	rd->first_byte_ns = inside.first_byte_ns;
	rd->version = inside.version;
	if (got >= 0 && (size_t)got < inside.len)
		return -ESTALE;
	return got;
}

ssize_t object_pread(struct object *o, void *buf, size_t len, uint64_t offset)
{
	struct object_read rd = { .buf = buf, .len = len, .offset = offset };

	return object_read(o, &rd);
}

int object_create(struct backend *b, const char *name, struct object **out)
{
	int rc;

	*out = NULL;
	rc = backend_check_name(name);
	if (rc)
		return rc;
	rc = b->ops->create_object(b, name, out);
	if (rc)
		return rc;
	(*out)->backend = b;
	(*out)->size = 0;
	(*out)->mode = OBJECT_WRITING;
	return 0;
}

int object_append(struct object *o, const void *buf, size_t len)
{
	int rc;

	if (o->mode != OBJECT_WRITING)
		return -EBADF;
	if (len == 0)
		return 0;
	if (!buf)
		return -EINVAL;
	if (len > INT64_MAX - o->size)
		return -EFBIG;
	rc = o->backend->ops->append(o, buf, len);
	if (rc)
		o->mode = OBJECT_FAILED;
	else
		o->size += len;
	return rc;
}

int object_commit(struct object *o, unsigned flags)
{
	int rc;

	if (o->mode != OBJECT_WRITING)
		return -EBADF;
	if (flags & ~OBJECT_DURABLE)
		return -EINVAL;
	rc = o->backend->ops->commit(o, flags);
	o->mode = rc ? OBJECT_FAILED : OBJECT_COMMITTED;
	return rc;
}

void object_close(struct object *o)
{
	if (o)
		o->backend->ops->close_object(o);
}
